// The form of a correction, in the details of the signed opinion.

import { lookFirst } from "./look_first.js";

export function startCorrection() {
  const form = document.getElementById("correction-form");
  const details = form?.closest("details");
  if (!details) return;
  // It has just come under the hands of who opened it: it is looked at before it can be signed.
  // At once: keys that were pressed while the browser was busy come before it tells of the opening.
  details.querySelector("summary").addEventListener("click", () => lookFirst([form]));
  details.addEventListener("toggle", () => details.open && lookFirst([form]));
  form.addEventListener("filled", () => (details.open = true)); // with what this tab had kept
}
