// Why a case is where it is, in a sentence.

import { reasonOf } from "./answers.js";
import { texts } from "./text.js";

// Why it isn't tried again by itself.
const ENDED = { stopped: "stopped", full: "full", busy: "gaveUpBusy", lost: "gaveUp", gone: "gone", changed: "fileChanged" };

export function reasonFor(item) {
  if (item.state === "refused") {
    const own = item.pictures.length === 1 ? reasonOf(item.error, item.pictures[0], 1) : "";
    return own || generalReason(item.error);
  }
  if (item.state !== "unsent") return "";
  if (item.unanswered) return texts.unanswered;
  return texts[ENDED[item.reason]] ?? (generalReason(item.error ?? {}) || texts.unsent);
}

// [{name, reason}]: each picture of a case that was not taken, with its own reason where the server gives one.
export function reasonsOf(item) {
  const general = reasonFor(item);
  return item.pictures.map((picture, index) => {
    const own = item.state === "refused" ? reasonOf(item.error, picture, index + 1) : "";
    return { name: picture.name, reason: own || general || texts[item.state] };
  });
}

// The server's sentence, then one for each field, by its name on this page.
function generalReason(error) {
  const fields = Object.entries(error.fields ?? {}).map(([name, texts]) => `${labelOf(name)}: ${texts.join(" ")}`);
  return [error.message, ...fields].filter(Boolean).join(" ");
}

const labelOf = (name) => document.querySelector(`label[for="${CSS.escape(name)}"]`)?.textContent.trim() ?? name;
