// The picture itself, in all its greys: reads a rendition (classifier/rendition_file.py) and puts it on the screen
// through a window. A browser's own decoder of pictures keeps 8 of 16 bits.

const MAGIC = [0x89, 0x43, 0x47, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = 28; // bytes
// As in classifier/rendition_header.py: of a file, of a strip of several rows, and what deflate makes of one byte.
const MOST_PIXELS = 2 ** 28;
const MOST_OF_STRIP = 2 ** 20;
const MOST_UNPACKED = 1032;

// {bits, width, height, pixels}: greys over the full range of 8 or 16 bits. Throws where the bytes are no whole
// rendition; those of old images are PNG.
export async function readRendition(response) {
  if (!response.ok) throw new Error(`rendition: ${response.status}`);
  const data = new Uint8Array(await response.arrayBuffer());
  const header = readHeader(data);
  const { bits, width, height } = header;
  const length = (width * height * bits) / 8;
  // Before memory is taken for them: the header may name any size.
  if (length > MOST_UNPACKED * (data.length - HEADER)) throw new Error("rendition: too short for its pixels");
  const filtered = await inflated(data.subarray(HEADER), length);
  return { bits, width, height, pixels: unfiltered(filtered, header) };
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

// The stream has a checksum of its own, which DecompressionStream holds it to.
async function inflated(stream, length) {
  const found = new Uint8Array(length);
  let at = 0;
  const pieces = new Blob([stream]).stream().pipeThrough(new DecompressionStream("deflate"));
  for (const reader = pieces.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > length) throw new Error("rendition: more pixels than its header says");
    found.set(value, at);
    at += value.length;
  }
  if (at < length) throw new Error("rendition: fewer pixels than its header says");
  return found;
}

// Typed arrays wrap around, as the filter does.
function unfiltered(filtered, { bits, shift, width, height, rows }) {
  const wide = bits === 16;
  const pixels = wide ? new Uint16Array(width * height) : new Uint8Array(width * height);
  let from = 0; // in ``filtered``
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top) * width; // of the strip's pixels; the low bytes follow the high ones
    for (let at = 0, across = 0; at < count; at++) {
      const to = top * width + at;
      if (at % width === 0) across = 0;
      if (wide) {
        const packed = (filtered[from + at] << 8) | filtered[from + count + at];
        across += (packed >>> 1) ^ -(packed & 1);
      } else across += filtered[from + at];
      pixels[to] = across + (at < width ? 0 : pixels[to - width]);
    }
    from += wide ? 2 * count : count;
  }
  if (shift) for (let at = 0; at < pixels.length; at++) pixels[at] <<= shift;
  return pixels;
}

const VERTICES = `#version 300 es
  out vec2 place;
  void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(place.x * 2. - 1., 1. - place.y * 2., 0., 1.);
  }`;
// Neighbours are mixed here: a texture of whole numbers can't be filtered.
const WINDOWED = `#version 300 es
  precision highp float;
  precision highp usampler2D;
  uniform usampler2D picture;
  uniform vec2 range; // black, white
  uniform bool inverted;
  in vec2 place;
  out vec4 colour;
  float grey(ivec2 at) {
    return float(texelFetch(picture, clamp(at, ivec2(0), textureSize(picture, 0) - 1), 0).r);
  }
  void main() {
    vec2 at = place * vec2(textureSize(picture, 0)) - .5, part = fract(at);
    ivec2 low = ivec2(floor(at));
    float above = mix(grey(low), grey(low + ivec2(1, 0)), part.x);
    float below = mix(grey(low + ivec2(0, 1)), grey(low + ivec2(1, 1)), part.x);
    float value = clamp((mix(above, below, part.y) - range.x) / max(range.y - range.x, 1e-6), 0., 1.);
    colour = vec4(vec3(inverted ? 1. - value : value), 1.);
  }`;

// A texture with every grey of the picture. R16UI: exact, part of WebGL2 itself and half as large as floats. A
// normalised 16-bit format is an extension, half floats have 11 bits, and a pair of bytes can't be filtered either.
export function textureOf(gl, { bits, width, height, pixels }) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const [inside, type] = bits === 16 ? [gl.R16UI, gl.UNSIGNED_SHORT] : [gl.R8UI, gl.UNSIGNED_BYTE];
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, width, height, 0, gl.RED_INTEGER, type, pixels);
  for (const end of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, end, gl.NEAREST);
  return texture;
}

// Draws a rendition on a canvas: ``draw({black, white, inverted})`` in greys of the rendition. Null where the
// browser has no WebGL2, or none for pictures of this size: the display picture stays.
export function startScreen(canvas, rendition) {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true });
  const most = gl?.getParameter(gl.MAX_TEXTURE_SIZE);
  if (!gl || Math.max(rendition.width, rendition.height) > most) return null;
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTICES], [gl.FRAGMENT_SHADER, WINDOWED]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  textureOf(gl, rendition);
  const draw = ({ black, white, inverted = false }) => {
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.uniform2f(gl.getUniformLocation(program, "range"), black, white);
    gl.uniform1i(gl.getUniformLocation(program, "inverted"), inverted);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  };
  return { gl, draw };
}
