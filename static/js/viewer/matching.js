// Which look the display (a JPEG) was made with, of a picture of which the site doesn't say it: one of before. The greys
// that the display has are compared with the pixels of the rendition in places where both are even.

import { greysOf } from "./windowing.js";

const ACROSS = 120; // places a side
const AS_GOOD_AS_EQUAL = 4; // greys, on average: what JPEG compression leaves
export const BINS = 1024;

// [{pixel, grey}] of the more even half of the places. `display`: ImageData.
export function placesOf({ width, height, pixels }, display) {
  const found = [];
  const [wide, high] = [width / display.width, height / display.height];
  const reach = Math.max(1, Math.round(Math.max(wide, high)));
  const across = Math.min(ACROSS, display.width), down = Math.min(ACROSS, display.height);
  for (let row = 0; row < down; row++) {
    const top = Math.floor(((row + 0.5) * display.height) / down);
    for (let column = 0; column < across; column++) {
      const left = Math.floor(((column + 0.5) * display.width) / across);
      const x = Math.round((left + 0.5) * wide - 0.5), y = Math.round((top + 0.5) * high - 0.5);
      if (x < reach || y < reach || x + reach >= width || y + reach >= height) continue;
      let least = Infinity, most = 0, sum = 0;
      for (const beside of [-reach, 0, reach]) {
        for (const below of [-reach, 0, reach]) {
          const pixel = pixels[(y + below) * width + x + beside];
          least = Math.min(least, pixel);
          most = Math.max(most, pixel);
          sum += pixel;
        }
      }
      found.push({ pixel: sum / 9, spread: most - least, grey: display.data[4 * (top * display.width + left)] });
    }
  }
  found.sort((one, other) => one.spread - other.spread);
  return found.slice(0, Math.ceil(found.length / 2));
}

// How far a look is from the display, in greys.
function distance(counted, greys) {
  if (!counted.length) return 0;
  const sum = counted.reduce((far, { pixel, grey }) => far + Math.min(40, Math.abs(greys[Math.round(pixel)] - grey)), 0);
  return sum / counted.length;
}

function nearest(places, looks, bits) {
  const measured = looks.map((look) => [distance(places, greysOf(look, bits)), look]);
  return measured.sort(([one], [other]) => one - other)[0];
}

// The look among `looks` that the display was made with; null if it is none of them. Black and white fit many: what lies
// between counts.
export function bestLook(places, looks, bits) {
  const between = places.filter(({ grey }) => grey > 3 && grey < 252);
  const [far, look] = nearest(between.length > 50 ? between : places, looks, bits);
  return far <= AS_GOOD_AS_EQUAL ? look : null;
}

// The same where it is known to be one of them: a picture that is nearly all black and white must not look like none.
export const surelyOneOf = (places, looks, bits) => nearest(places, looks, bits)[1];

// The display's greys as a table over all pixels, never falling: the mean in each bin, where neighbours that fall are
// joined (pool adjacent violators), and a line between bins that no place has.
// Its length is `BINS`.
export function tableOf(places, top) {
  const blocks = [];
  const sums = new Float64Array(BINS), counts = new Uint32Array(BINS);
  for (const { pixel, grey } of places) {
    const bin = Math.round((pixel * (BINS - 1)) / top);
    sums[bin] += grey;
    counts[bin]++;
  }
  for (let bin = 0; bin < BINS; bin++) {
    if (!counts[bin]) continue;
    let block = { first: bin, last: bin, sum: sums[bin], count: counts[bin] };
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).count >= block.sum / block.count) {
      const before = blocks.pop();
      const [sum, count] = [before.sum + block.sum, before.count + block.count];
      block = { first: before.first, last: block.last, sum, count };
    }
    blocks.push(block);
  }
  const table = new Float32Array(BINS);
  let before = null;
  for (const block of blocks) {
    const mean = block.sum / block.count;
    const from = before ? before.last : 0, start = before ? before.mean : mean;
    for (let bin = from; bin <= block.last; bin++) {
      const part = block.first > from ? Math.min(1, (bin - from) / (block.first - from)) : 1;
      table[bin] = start + (mean - start) * part;
    }
    before = { last: block.last, mean };
  }
  if (before) table.fill(before.mean, before.last);
  return table;
}
