// What acts on a case and has just come takes no press: it would be meant for the case before, and would sign, skip or
// claim this one unseen. It takes a press some time after it is on the screen, whatever was chosen meanwhile: on a slow
// line both keys of "3, s" are pressed twice. A key that is held down never acts, and puts that time off. A draft that
// came back was written before: who only goes on pressing would sign it unread, so it is touched first.

export const LOOK = 700; // ms; css/components.css has the same for the time before this script
const TOLD = 4000; // ms for which is said why nothing was done
const BESIDE = ["Control", "Shift", "Alt", "Meta"]; // held down together with the key that acts
// On other pages what can't be undone: of two rows, the second takes the place of the first.
const ACTS = "[data-context=case] main form[method=post], main form:has(.danger)";
const IN_DRAFT = "label, input, textarea, select, button[type=button]";
const OWN = "a, label, input, textarea, select, summary";

const hides = new Map(); // where it is said → the timer that ends it
let shownLast = 0; // when the last form came, or a key was held down: ms since this document began
let isRepeated = false; // the last key's press is a repetition

const isTooSoon = (form) => "tooSoon" in form.dataset || (isRepeated && form.matches(ACTS));
// `unread`: from the site with the draft in the form, or of the script that brought one from this tab.
export const mustLook = (form) => isTooSoon(form) || "unread" in form.dataset;

// Where who presses looks: above what signs, else below what goes from case to case, else at the foot of the window.
export function sayLookFirst(form) {
  const said = document.querySelector("body > [data-look-first]");
  const placeIn = (selector) => document.querySelector(`${selector} [data-look-first]`);
  const place = form.querySelector("[data-look-first]") ?? placeIn("#review-form") ?? placeIn(".loop") ?? said;
  if (!place) return;
  const { soon, held, signSoon, signHeld, unread } = said.dataset;
  if (!isTooSoon(form)) place.textContent = unread;
  else if (form.matches(".review-form")) place.textContent = isRepeated ? signHeld : signSoon;
  else place.textContent = isRepeated ? held : soon;
  place.hidden = false;
  clearTimeout(hides.get(place));
  hides.set(place, setTimeout(() => (place.hidden = true), TOLD)); // since the last press
}

function wait(form) {
  const left = shownLast + LOOK - performance.now();
  if (left > 0) return setTimeout(() => wait(form), left);
  delete form.dataset.tooSoon;
}

// From the frame on that shows them.
export function lookFirst(forms = document.querySelectorAll(ACTS)) {
  for (const form of forms) {
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
  const form = target.closest?.(ACTS);
  if (!form || !isTooSoon(form) || target.closest(OWN)) return;
  if (!form.matches(".review-form") || target.closest(".sign-bar, .actions")) sayLookFirst(form);
});
// By a key, a click or a letter in one of its fields, once it has been there long enough to be looked at.
for (const name of ["click", "input"]) {
  document.addEventListener(name, ({ target }) => {
    const form = target.closest?.(".review-form");
    if (form && target.closest(IN_DRAFT) && !isTooSoon(form)) delete form.dataset.unread;
  });
}
window.addEventListener("pageshow", ({ persisted }) => persisted && lookFirst());
lookFirst();
