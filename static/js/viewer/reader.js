// A worker: fetches a rendition and prepares it for the screen, so that the page can be used meanwhile.

import { readRendition } from "../rendition.js";
import { levelsOf, rangesOf } from "./levels.js";

self.onmessage = async ({ data: { address, mostPixels, longest } }) => {
  try {
    const response = await fetch(address, { priority: "low" });
    const { bits, reduced, ...picture } = await readRendition(response, { mostPixels, longest });
    const levels = levelsOf(picture);
    const ranges = rangesOf(levels, bits);
    self.postMessage({ bits, reduced, levels, ranges }, levels.map((level) => level.pixels.buffer));
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
