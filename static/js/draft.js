// The opinion while it is written: kept in this tab until it is signed, chosen by keys.

import { isForThePage, keyOf } from "./keys.js";

export function startDraft() {
  const form = document.getElementById("review-form");
  const key = document.getElementById("side").dataset.draft; // of this person and this case
  document.querySelectorAll(".review-form").forEach(tieClasses);
  if (!form) {
    if (document.querySelector("[data-closed]")) sessionStorage.removeItem(key); // signed: no draft any more
    return;
  }
  const read = () => ({
    opinion: form.elements.opinion.value,
    prediction: form.elements.prediction?.value ?? "",
    comment: form.elements.comment.value,
    classes: [...form.querySelectorAll("[name=classes]:checked")].map((box) => box.value),
  });
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const given = read();
  if (kept && !given.opinion && !given.comment) {
    form.elements.comment.value = kept.comment;
    for (const radio of form.querySelectorAll("[name=opinion]")) {
      // "Agree" was with one prediction: with another one the reader has not agreed.
      const same = radio.value !== "agree" || kept.prediction === given.prediction;
      radio.checked = radio.value === kept.opinion && same && !radio.disabled;
    }
    for (const box of form.querySelectorAll("[name=classes]")) box.checked = kept.classes.includes(box.value);
    tieClasses(form);
  }
  form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(read())));

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
  if (!form.dataset.tied) form.addEventListener("input", show);
  form.dataset.tied = "yes";
  show();
}
