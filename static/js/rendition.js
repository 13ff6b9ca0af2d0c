// The picture itself, in all its greys: reads a rendition (classifier/rendition_file.py). A browser's own decoder of
// pictures keeps 8 of 16 bits.

const MAGIC = [0x89, 0x43, 0x47, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = 28; // bytes
// As in classifier/rendition_header.py: of a file, of a strip of several rows, and what deflate makes of one byte.
const MOST_PIXELS = 2 ** 28;
const MOST_OF_STRIP = 2 ** 20;
const MOST_UNPACKED = 1032;

// {bits, width, height, pixels, reduced, left, top}: greys over the full range of 8 or 16 bits. Throws where the bytes are no
// whole rendition; those of old images are PNG. A picture of more than `mostPixels`, or with a side of more than
// `longest`, is made smaller while it is read: each pixel is the mean of `reduced` × `reduced`. Of a `part`, {left, top,
// width, height}, all pixels are given, and what follows it isn't read.
export async function readRendition(response, { mostPixels = Infinity, longest = Infinity, part } = {}) {
  if (!response.ok) throw new Error(`rendition: ${response.status}`);
  const data = new Uint8Array(await response.arrayBuffer());
  const header = readHeader(data);
  const { bits, width, height } = header;
  const length = (width * height * bits) / 8;
  // Before memory is taken for them: the header may name any size.
  if (length > MOST_UNPACKED * (data.length - HEADER)) throw new Error("rendition: too short for its pixels");
  let reduced = 1;
  const isSmall = () =>
    (width * height) / reduced ** 2 <= mostPixels && Math.max(width, height) / reduced <= longest;
  while (!part && !isSmall()) reduced *= 2;
  const picture =
    reduced === 1 ? pictureOf(header, part ?? { left: 0, top: 0, width, height }) : reducedPicture(header, reduced);
  const stream = unpacked(data.subarray(HEADER));
  const end = part ? part.top + part.height : height;
  for (let top = 0; top < end; top += header.rows) {
    const rows = Math.min(header.rows, height - top);
    const filtered = await stream.read((rows * width * bits) / 8);
    picture.add(unfiltered(filtered, header, rows), top, rows);
  }
  if (end === height) await stream.end();
  return { bits, reduced, ...picture.made };
}

function readHeader(data) {
  if (data.length < HEADER || MAGIC.some((byte, at) => data[at] !== byte)) throw new Error("rendition: no header");
  const view = new DataView(data.buffer, data.byteOffset, HEADER);
  const [version, bits, shift] = data.subarray(8, 11);
  const [width, height, rows, checksum] = [12, 16, 20, 24].map((at) => view.getUint32(at));
  const known = version === 1 && [8, 16].includes(bits) && shift < bits && width && height && rows;
  const sound = known && width * height <= MOST_PIXELS && (rows === 1 || rows * width <= MOST_OF_STRIP);
  if (!sound || checksum !== crc32(data.subarray(0, 24))) throw new Error("rendition: damaged header");
  return { bits, shift, width, height, rows };
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// The bytes of a zlib stream, some at a time. It has a checksum of its own, which DecompressionStream holds it to.
function unpacked(packed) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  let piece = new Uint8Array(0);
  const more = async () => {
    const { done, value } = await reader.read();
    piece = value;
    return !done;
  };
  return {
    async read(length) {
      const found = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        if (!piece.length && !(await more())) throw new Error("rendition: fewer pixels than its header says");
        const taken = piece.subarray(0, length - at);
        found.set(taken, at);
        at += taken.length;
        piece = piece.subarray(taken.length);
      }
      return found;
    },
    async end() {
      if (piece.length || (await more())) throw new Error("rendition: more pixels than its header says");
    },
  };
}

const arrayOf = (bits, length) => (bits === 16 ? new Uint16Array(length) : new Uint8Array(length));

// The pixels of a strip. Typed arrays wrap around, as the filter does.
function unfiltered(filtered, { bits, shift, width }, rows) {
  const count = rows * width; // the low bytes follow the high ones
  const pixels = arrayOf(bits, count);
  for (let start = 0; start < count; start += width) {
    for (let at = start, across = 0; at < start + width; at++) {
      if (bits === 16) {
        const packed = (filtered[at] << 8) | filtered[count + at];
        across += (packed >>> 1) ^ -(packed & 1);
      } else across += filtered[at];
      pixels[at] = across + (start ? pixels[at - width] : 0);
    }
  }
  if (shift) for (let at = 0; at < count; at++) pixels[at] <<= shift;
  return pixels;
}

function pictureOf({ bits, width }, part) {
  const pixels = arrayOf(bits, part.width * part.height);
  const add = (strip, top, rows) => {
    for (let row = Math.max(top, part.top); row < Math.min(top + rows, part.top + part.height); row++) {
      const from = (row - top) * width + part.left;
      pixels.set(strip.subarray(from, from + part.width), (row - part.top) * part.width);
    }
  };
  return { made: { ...part, pixels }, add };
}

// Rows and columns beyond a whole number of blocks are left out: fewer than `by` of thousands.
function reducedPicture({ bits, width, height }, by) {
  const wide = Math.floor(width / by), high = Math.floor(height / by);
  const pixels = arrayOf(bits, wide * high), sums = new Uint32Array(wide);
  const add = (strip, top, rows) => {
    for (let row = 0; row < rows; row++) {
      const to = Math.floor((top + row) / by);
      if (to >= high) return;
      for (let column = 0; column < wide * by; column++) sums[Math.floor(column / by)] += strip[row * width + column];
      if ((top + row + 1) % by) continue;
      for (let column = 0; column < wide; column++) pixels[to * wide + column] = Math.round(sums[column] / by ** 2);
      sums.fill(0);
    }
  };
  return { made: { width: wide, height: high, pixels }, add };
}
