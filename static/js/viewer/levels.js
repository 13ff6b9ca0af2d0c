// What the screen needs of a rendition: halved copies, so that no pixel of the screen has to mix more than a few, and
// the ranges of its values.

import { percentile } from "./windowing.js";

const SMALLEST = 256; // pixels of the longer side
const MEASURED_SIDE = 512;
const STEPS = 32; // of greys, in which an edge is even

// The picture in half its size: each pixel the mean of four.
export function halved({ width, height, pixels }) {
  const wide = Math.max(1, width >> 1), high = Math.max(1, height >> 1);
  const half = new pixels.constructor(wide * high);
  for (let row = 0; row < high; row++) {
    const top = 2 * row * width, below = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < wide; column++) {
      const left = 2 * column, right = Math.min(left + 1, width - 1);
      half[row * wide + column] =
        (pixels[top + left] + pixels[top + right] + pixels[below + left] + pixels[below + right] + 2) >> 2;
    }
  }
  return { width: wide, height: high, pixels: half };
}

// The picture and its halves down to a size that no screen is smaller than.
export function levelsOf(picture) {
  const levels = [picture];
  while (Math.max(levels.at(-1).width, levels.at(-1).height) > SMALLEST) levels.push(halved(levels.at(-1)));
  return levels;
}

function histogramOf(pixels, bits, isCounted = () => true, step = 1) {
  const histogram = new Uint32Array(2 ** bits);
  let count = 0;
  for (let at = 0; at < pixels.length; at += step) {
    if (!isCounted(at)) continue;
    histogram[pixels[at]]++;
    count++;
  }
  return { histogram, count, at: (percent) => percentile(histogram, count, percent) };
}

// Of every fourth pixel each way, as classifier/display.py has it: what is shown without a curve of the header.
function ownRange({ width, height, pixels }, bits) {
  const sample = new pixels.constructor(Math.ceil(width / 4) * Math.ceil(height / 4));
  let count = 0;
  for (let row = 0; row < height; row += 4)
    for (let column = 0; column < width; column += 4) sample[count++] = pixels[row * width + column];
  const { at } = histogramOf(sample, bits);
  const low = at(0.5);
  return [low, Math.max(at(99.5), low + 1)];
}

// What the collimator left: all but even ground that reaches the picture's edge, dark or bright. Null where the edge
// isn't even, or nearly all would be ground.
function fieldOf({ width, height, pixels }, bits) {
  const edge = [];
  for (let column = 0; column < width; column++) edge.push(column, (height - 1) * width + column);
  for (let row = 0; row < height; row++) edge.push(row * width, row * width + width - 1);
  const whole = histogramOf(pixels, bits), low = whole.at(0.5), high = Math.max(whole.at(99.5), low + 1);
  const stepOf = (at) => Math.min(STEPS - 1, Math.max(0, Math.floor(((pixels[at] - low) * STEPS) / (high - low))));
  const counts = new Uint32Array(STEPS);
  for (const at of edge) counts[stepOf(at)]++;
  const isGround = (at) => counts[stepOf(at)] * 12 > edge.length;
  const outside = new Uint8Array(pixels.length), waiting = edge.filter(isGround);
  let covered = 0;
  while (waiting.length) {
    const at = waiting.pop();
    if (outside[at]) continue;
    outside[at] = 1;
    covered++;
    const column = at % width;
    if (column > 0 && isGround(at - 1)) waiting.push(at - 1);
    if (column < width - 1 && isGround(at + 1)) waiting.push(at + 1);
    if (at >= width && isGround(at - width)) waiting.push(at - width);
    if (at + width < pixels.length && isGround(at + width)) waiting.push(at + width);
  }
  return covered > pixels.length * 0.95 ? null : widened(outside, width, Math.ceil(width / 50));
}

// Ground with what lies within `by` pixels beside it: a collimator's edge is a slope.
function widened(outside, width, by) {
  const wide = outside.slice();
  for (const step of [1, -1, width, -width]) {
    const from = step > 0 ? 0 : outside.length - 1, reach = new Int32Array(Math.abs(step)).fill(by + 1);
    for (let at = from; at >= 0 && at < outside.length; at += Math.sign(step)) {
      const line = at % reach.length;
      reach[line] = outside[at] ? 0 : reach[line] + 1;
      if (reach[line] <= by) wide[at] = 1;
    }
  }
  return wide;
}

// Pixels that are black and white in each preset. Bone is the brighter part of what is in the field, soft tissue the
// darker one: a radiograph has no units in which they would have a value of their own.
export function rangesOf(levels, bits) {
  const small = levels.find(({ width, height }) => Math.max(width, height) <= MEASURED_SIDE) ?? levels.at(-1);
  const outside = fieldOf(small, bits);
  const field = histogramOf(small.pixels, bits, outside ? (at) => !outside[at] : undefined);
  return {
    own: ownRange(levels[0], bits),
    full: [0, 2 ** bits - 1],
    field: [field.at(0.5), field.at(99.5)],
    bone: [field.at(40), field.at(99.8)],
    soft: [field.at(0.5), field.at(75)],
  };
}
