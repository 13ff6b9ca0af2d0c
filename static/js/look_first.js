// A form that signs and has just come takes no press: it would be meant for the case before. It may begin filled, by a
// draft or a first reading, and would be signed unseen. It takes a press once somebody has changed something in it, or
// some time after it is on the screen. A key that is held down never signs, and puts that time off.

const LOOK = 700; // ms; css/opinion.css has the same for the time before this script
const TOLD = 4000; // ms for which is said why nothing was signed
const BESIDE = ["Control", "Shift", "Alt", "Meta"]; // held down together with the key that signs

let shownLast = 0; // when the last form came, or a key was held down: ms since this document began
let isRepeated = false; // the last key's press is a repetition

export const isTooSoon = (form) => "tooSoon" in form.dataset || (isRepeated && form.matches(".review-form"));

export function sayTooSoon(form) {
  const text = form.querySelector("[data-look-first]");
  if (!text?.hidden) return;
  text.hidden = false;
  setTimeout(() => (text.hidden = true), TOLD);
}

const settle = (form) => delete form.dataset.tooSoon;
const begin = (form) => {
  settle(form);
  form.querySelector("[data-look-first]").hidden = true;
};

function wait(form) {
  const left = shownLast + LOOK - performance.now();
  if (left > 0) setTimeout(() => wait(form), left);
  else settle(form);
}

// Of all forms that sign in the page: from the frame on that shows them.
export function lookFirst() {
  for (const form of document.querySelectorAll(".review-form")) {
    if (!("tooSoon" in form.dataset)) form.addEventListener("input", () => begin(form));
    form.dataset.tooSoon = "";
    requestAnimationFrame(() => {
      shownLast = performance.now();
      wait(form);
    });
  }
}

document.addEventListener("keydown", ({ key, repeat }) => {
  isRepeated = repeat && !BESIDE.includes(key);
  if (isRepeated) shownLast = performance.now();
}, true);
document.addEventListener("keyup", () => (isRepeated = false), true);
window.addEventListener("blur", () => (isRepeated = false));
// Where a press can't reach the button, its place says why.
document.addEventListener("click", ({ target }) => {
  const form = target.closest?.(".sign-bar, .review-form > .actions")?.closest(".review-form");
  if (form && isTooSoon(form)) sayTooSoon(form);
});
window.addEventListener("pageshow", ({ persisted }) => persisted && lookFirst());
lookFirst();
