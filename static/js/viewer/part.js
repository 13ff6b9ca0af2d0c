// Of a picture that is larger than memory holds, which is shown smaller: the part on the screen with all its pixels, where
// it is enlarged so far that they are seen. It is read anew from the bytes that the worker keeps.

import { moved, times } from "./transform.js";

// `ask(part)` has it read; `most`, `longest`: pixels of a part, and of its side.
export function startPart({ most, longest, ask }) {
  let part = null, wanted = null;
  const covers = (one, [left, top, right, bottom]) =>
    one && left >= one.left && top >= one.top && right <= one.left + one.width && bottom <= one.top + one.height;

  // The pixels {left, top, width, height} that are seen with some round them; null if they are too many.
  function around([left, top, right, bottom], size) {
    for (const rim of [0.5, 0.1]) {
      const [across, down] = [Math.ceil((right - left) * rim), Math.ceil((bottom - top) * rim)];
      const one = { left: Math.max(0, left - across), top: Math.max(0, top - down) };
      one.width = Math.min(size.width, right + across) - one.left;
      one.height = Math.min(size.height, bottom + down) - one.top;
      if (one.width * one.height <= most && Math.max(one.width, one.height) <= longest) return one;
    }
    return null;
  }
  // {part, place} to be drawn, or null until it is there. `toSource`: from the canvas to the whole picture's pixels.
  function over(toSource, canvas, size) {
    const corners = [[0, 0], [canvas.width, 0], [0, canvas.height], [canvas.width, canvas.height]];
    const [across, down] = [0, 1].map((axis) => corners.map((corner) => moved(toSource, ...corner)[axis]));
    const seen = [
      Math.max(0, Math.floor(Math.min(...across))), Math.max(0, Math.floor(Math.min(...down))),
      Math.min(size.width, Math.ceil(Math.max(...across))), Math.min(size.height, Math.ceil(Math.max(...down))),
    ];
    if (seen[0] >= seen[2] || seen[1] >= seen[3]) return null;
    const isWhole = covers(part, seen);
    if (!isWhole && !wanted) {
      wanted = around(seen, size);
      if (wanted) ask(wanted);
    }
    return part && { isWhole, place: times([1, 0, 0, 1, -part.left, -part.top], toSource) };
  }
  return {
    over,
    came(found) {
      wanted = null;
      part = found;
    },
    // The pixel at a column and row of the whole picture; undefined outside of the part.
    at(column, row) {
      const [x, y] = [column - (part?.left ?? 0), row - (part?.top ?? 0)];
      if (part && x >= 0 && y >= 0 && x < part.width && y < part.height) return part.pixels[y * part.width + x];
    },
    get picture() {
      return part;
    },
  };
}
