// While the model works, the panel with its output is fetched again, until the output is there.

import { ask, keepCurrent, NoAnswer } from "./connection.js";
import { isAsItCame } from "./draft_form.js";
import { say } from "./keys.js";
import { LOOK } from "./look_first.js";

const EVERY = 1500; // ms

const NONE_SEEN = "none"; // triage/web/draft_on_page.py
const TEXTS = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";
const forms = () => [...document.querySelectorAll(".side form")];
const isWritten = (form) => !isAsItCame(form) || [...form.querySelectorAll(TEXTS)].some((field) => field.value);
// A form that was refused came back with what was written in it, under the address of its act.
const isAnswer = () => location.pathname !== document.getElementById("model-output").dataset.case;

// Somebody writes: the page must not be taken from under their hands.
export const busy = () => document.activeElement?.closest("form") || isAnswer() || forms().some(isWritten);
// Of the opinion alone there is a draft.
const wouldBeLost = () => forms().some((form) => form.id !== "review-form" && isWritten(form));

// Whether the form was made for another prediction, or none. What it signs says what its reader saw, so
// that nothing else may stand beside it.
function isOther(section) {
  const form = document.getElementById("review-form");
  const seen = form?.elements.prediction?.value ?? "";
  return Boolean(form) && section.dataset.deciding !== (seen === NONE_SEEN ? "" : seen);
}

// The case with the picture that is on the screen, opened from the same list.
export function address() {
  const { case: page, image, view } = document.getElementById("model-output").dataset;
  return `${page}?image=${image}${view}`;
}

function offer() {
  const link = document.createElement("a");
  link.className = "button small";
  const panel = document.getElementById("model-output");
  link.href = address();
  link.textContent = panel.dataset.offer;
  let kept = null; // when a press was last kept from it: a second click, or a key held down, isn't meant
  link.addEventListener("click", (event) => {
    if (!wouldBeLost()) return;
    if (kept !== null && event.detail < 2 && performance.now() - kept > LOOK) return;
    event.preventDefault();
    if (kept === null) say((link.textContent = panel.dataset.lost));
    kept = performance.now();
  });
  document.getElementById("side").addEventListener("input", () => {
    kept = null;
    link.textContent = panel.dataset.offer;
  });
  return link;
}

export function startModelOutput(changed) {
  const panel = document.getElementById("model-output");
  const working = () => panel.querySelector("[data-working=yes]");

  async function refresh() {
    const answer = await ask(`${panel.dataset.url}?image=${panel.dataset.image}${panel.dataset.view}`);
    if (answer.status !== 200) throw new NoAnswer(answer.status);
    const holder = document.createElement("template");
    holder.innerHTML = answer.text;
    const finished = !holder.content.querySelector("[data-working=yes]");
    const other = isOther(holder.content.querySelector("[data-deciding]"));
    if ((finished || other) && !busy()) {
      location.replace(address()); // the form now offers "agree"; drafts are kept
      return;
    }
    if (!other) panel.replaceChildren(holder.content);
    else if (finished) {
      panel.querySelector("[data-working]").dataset.working = "no";
      for (const line of panel.querySelectorAll(".working")) line.remove();
    }
    if ((finished || other) && !panel.querySelector(":scope > a")) panel.append(offer());
    changed();
  }
  if (working()) keepCurrent(refresh, EVERY, working);
}
