// Words for a form that acts: why a case is skipped, taken over or withdrawn, what the clinic thought, what came of a call.
// They are short and no draft, so this tab keeps what a form holds until it was sent, for this person and this form.

import { isAsItCame } from "./draft_form.js";
import { goesOn } from "./going_on.js";

const WORDS = ":is(input, textarea):is([name=reason], [name=note], [name=words])";
const OTHERS = ".review-form, [enctype], [data-context=list] form"; // the opinion has its draft, sending its own machine
const { person } = document.body.dataset;

const keys = (of) => Object.keys(sessionStorage).filter((key) => key.startsWith(`text.${of}.`));
const keyOf = (form) => `text.${person}.${new URL(form.action).pathname}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");
const isChoice = (field) => field.matches("[type=radio], [type=checkbox]");
const formOf = (target) => {
  const form = target.closest?.("main form[method=post]");
  return form?.querySelector(WORDS) && !form.matches(OTHERS) ? form : null;
};
const formsHere = () => [...document.querySelectorAll("main form[method=post]")].filter(formOf);
const read = (key) => JSON.parse(sessionStorage.getItem(key));
const write = (key, text) => sessionStorage.setItem(key, JSON.stringify(text));

// What one person has written and not sent: each with the page on which it is seen.
export const unsentTexts = (of) => keys(of).map((key) => ({ key, ...read(key) }));
export const forgetTexts = (of) => keys(of).forEach((key) => sessionStorage.removeItem(key));

function keep(form) {
  if (isAsItCame(form)) return sessionStorage.removeItem(keyOf(form));
  const values = fieldsOf(form).map((field) => [field.name, field.value, isChoice(field) && field.checked]);
  write(keyOf(form), { values, page: location.pathname });
}

// A form that came filled in, since it was refused, says more than this tab does.
function restore(form) {
  const text = read(keyOf(form));
  if (!text || !isAsItCame(form) || form.querySelector(WORDS).value) return;
  for (const field of fieldsOf(form)) {
    const found = text.values.find(([name, value]) => name === field.name && (!isChoice(field) || value === field.value));
    if (!found) continue;
    if (isChoice(field)) field.checked = found[2];
    else if (!field.matches("button")) field.value = found[1];
  }
  for (let at = form.querySelector(WORDS).closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
}

// What was sent has done what it should where the next page says so. A refusal, and a session that had ended, keep it.
function settle() {
  const isDone = document.querySelector("main .notice.success");
  for (const { key, isSent, ...text } of unsentTexts(person)) {
    if (isSent && isDone) sessionStorage.removeItem(key);
    else if (isSent) write(key, text);
  }
}

export function startFormTexts() {
  if (!person) return;
  settle();
  formsHere().forEach(restore);
  document.addEventListener("input", ({ target }) => formOf(target) && keep(formOf(target)));
  window.addEventListener("submit", (event) => {
    const form = formOf(event.target);
    if (form && !event.defaultPrevented && read(keyOf(form))) write(keyOf(form), { ...read(keyOf(form)), isSent: true });
  });
  // A tab that is closed takes them along. Other pages of this tab find them again.
  window.addEventListener("beforeunload", (event) => {
    if (goesOn() || !navigator.userActivation?.hasBeenActive) return;
    if (formsHere().some((form) => read(keyOf(form)))) event.preventDefault();
  });
}
