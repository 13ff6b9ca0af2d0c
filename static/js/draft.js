// The opinion while it is written: saved until it is signed, chosen by keys.

import { DraftKeeper, sendWhatIsLeft, startCopy } from "./draft_keeper.js";
import { forgetInTab } from "./draft_site.js";
import { isForThePage, keyOf } from "./keys.js";

export function startDraft() {
  const form = document.getElementById("review-form");
  const { draft: key, signed } = document.getElementById("side").dataset; // of this person and this case
  document.querySelectorAll(".review-form").forEach(tieClasses);
  startCopy();
  if (signed !== undefined) forgetInTab(key);
  const left = document.getElementById("draft-kept");
  if (left) sendWhatIsLeft(left, key);
  if (!form) return;
  new DraftKeeper(form, document.getElementById("draft"), key);

  const answer = form.querySelector("[data-key-answer]");
  const say = (text) => {
    answer.textContent = ""; // a live region speaks only when its text changes
    requestAnimationFrame(() => (answer.textContent = text));
  };

  document.addEventListener("keydown", (event) => {
    if (!isForThePage(event)) return;
    // By the opinion's own key, never by its position: 3 is "no fracture" on every case.
    const radio = form.querySelector(`[data-opinion-key="${CSS.escape(keyOf(event))}"]`);
    if (!radio) return;
    if (radio.disabled) {
      say(document.getElementById(radio.getAttribute("aria-describedby")).textContent);
      return;
    }
    say("");
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    radio.focus();
  });
}

// The classes are asked for only where the opinion names them; ticking one chooses that opinion.
function tieClasses(form) {
  const choice = form.querySelector("[data-classes]");
  const other = form.querySelector("[name=opinion][value=other_class]");
  const show = () => (choice.hidden = !other.checked);
  form.addEventListener("input", show);
  form.addEventListener("filled", show);
  show();
}
