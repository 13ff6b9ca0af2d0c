// Draws a picture with a plain canvas, where there is no WebGL2: only what is seen of it gets its greys.

import { inverse, moved } from "./transform.js";

export function canvasScreen(canvas) {
  const context = canvas.getContext("2d");
  const part = document.createElement("canvas");
  let loaded = null, added = null;
  const load = (picture) => {
    loaded = picture;
    return true;
  };
  const draw = (number, place, size, greys) => {
    const { width, height, pixels } = number === "part" ? added : loaded.levels[number];
    const corners = [[0, 0], [canvas.width, 0], [0, canvas.height], [canvas.width, canvas.height]];
    const [across, down] = [0, 1].map((axis) => corners.map((corner) => moved(place, ...corner)[axis]));
    // One more on each side: the browser mixes neighbours.
    const left = Math.max(0, Math.floor(Math.min(...across)) - 1), top = Math.max(0, Math.floor(Math.min(...down)) - 1);
    const wide = Math.min(width, Math.ceil(Math.max(...across)) + 1) - left;
    const high = Math.min(height, Math.ceil(Math.max(...down)) + 1) - top;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (number !== "part") context.clearRect(0, 0, canvas.width, canvas.height);
    if (wide < 1 || high < 1) return;
    const seen = new ImageData(wide, high), four = new Uint32Array(seen.data.buffer);
    for (let row = 0, to = 0; row < high; row++) {
      for (let from = (top + row) * width + left, end = from + wide; from < end; from++) {
        four[to++] = 0xff000000 | (greys[pixels[from]] * 0x010101);
      }
    }
    Object.assign(part, { width: wide, height: high });
    part.getContext("2d").putImageData(seen, 0, 0);
    context.setTransform(...inverse(place));
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(part, left, top);
  };
  const addPart = (picture) => (added = picture);
  const free = () => (loaded = added = null);
  return { kind: "canvas", load, addPart, draw, free, longest: Infinity };
}
