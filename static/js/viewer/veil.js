// What only the display has: overlays of the header, which it shows white, and what a shutter hides, which is black.
// Where the display is so and the rendition far from it, the display's pixels stay on top.

const FAR = 60; // greys; ringing of the compression is less
const NEAR_WHITE = 235, NEAR_BLACK = 6, DARK = 24;
const LEAST = 0.0002; // of the pixels; fewer are specks

const isFar = (own, grey) => (grey >= NEAR_WHITE ? own <= grey - FAR : own >= DARK);

// ImageData as large as `display`, transparent but there; null if there is nothing. `greys`: of each possible pixel.
export function veilOf({ levels }, display, greys) {
  const { width, height, data } = display;
  const level = levels.find((one) => one.width <= width * 1.5) ?? levels.at(-1);
  const veil = new ImageData(width, height), four = new Uint32Array(veil.data.buffer);
  const columns = Int32Array.from({ length: width }, (_, at) => Math.floor(((at + 0.5) * level.width) / width));
  let count = 0;
  for (let row = 0; row < height; row++) {
    const middle = Math.floor(((row + 0.5) * level.height) / height);
    for (let column = 0; column < width; column++) {
      const grey = data[4 * (row * width + column)];
      if (grey > NEAR_BLACK && grey < NEAR_WHITE) continue;
      // Nearly all end with the first one: the page must not wait for this.
      if (!isFar(greys[level.pixels[middle * level.width + columns[column]]], grey)) continue;
      if (!around(level, columns[column], middle, greys).every((own) => isFar(own, grey))) continue;
      four[row * width + column] = grey >= NEAR_WHITE ? 0xffffffff : 0xff000000;
      count++;
    }
  }
  return count > LEAST * width * height ? veil : null;
}

// The greys of a pixel and its neighbours.
function around({ width, height, pixels }, x, y, greys) {
  const found = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      found.push(greys[pixels[row * width + column]]);
    }
  }
  return found;
}
