// A worker: fetches a rendition and prepares it for the screen, so that the page can be used meanwhile.

import { readRendition } from "../rendition.js";
import { levelsOf, rangesOf } from "./levels.js";

let kept = null; // the bytes of a picture that was made smaller

self.onmessage = async ({ data: { address, mostPixels, longest, part } }) => {
  try {
    if (part) {
      const found = await readRendition(new Response(kept), { part });
      return self.postMessage({ part: found }, [found.pixels.buffer]);
    }
    const response = await fetch(address, { priority: "low" });
    if (!response.ok) throw new Error(`rendition: ${response.status}`);
    kept = await response.blob();
    const { bits, reduced, ...picture } = await readRendition(new Response(kept), { mostPixels, longest });
    if (reduced === 1) kept = null;
    const levels = levelsOf(picture);
    const ranges = rangesOf(levels, bits);
    self.postMessage({ bits, reduced, levels, ranges }, levels.map((level) => level.pixels.buffer));
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
