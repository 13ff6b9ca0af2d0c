// While the model works, the finding asks for itself again, and stops when there is one.

import { ask, keepCurrent, NoAnswer } from "./line.js";

const EVERY = 1500; // ms

// Somebody writes: the page must not be taken from under their hands.
const busy = () =>
  document.activeElement?.closest("form") ||
  [...document.querySelectorAll(".side textarea, .side #reason")].some((field) => field.value);

// Whether the form was made for another prediction, or none. What it signs says what its reader saw, so
// that nothing else may stand beside it.
function isOther(panel) {
  const form = document.getElementById("review-form");
  return Boolean(form) && panel.dataset.deciding !== (form.elements.prediction?.value ?? "");
}

// The case with the picture that is on the screen.
function address() {
  const { case: page, picture } = document.getElementById("finding").dataset;
  return `${page}?picture=${picture}`;
}

function offer() {
  const link = document.createElement("a");
  link.className = "button small";
  const finding = document.getElementById("finding");
  link.href = address();
  link.textContent = finding.dataset.offer;
  return link;
}

export function startFinding(changed) {
  const finding = document.getElementById("finding");
  const working = () => finding.querySelector("[data-working=yes]");

  async function look() {
    const answer = await ask(`${finding.dataset.url}?picture=${finding.dataset.picture}`);
    if (answer.status !== 200) throw new NoAnswer(answer.status);
    const holder = document.createElement("template");
    holder.innerHTML = answer.text;
    const finished = !holder.content.querySelector("[data-working=yes]");
    const other = isOther(holder.content.querySelector("[data-deciding]"));
    if ((finished || other) && !busy()) {
      location.replace(address()); // the form now offers "agree"; drafts are kept
      return;
    }
    if (!other) finding.replaceChildren(holder.content);
    else if (finished) {
      finding.querySelector("[data-working]").dataset.working = "no";
      for (const line of finding.querySelectorAll(".working")) line.remove();
    }
    if ((finished || other) && !finding.querySelector(":scope > a")) finding.append(offer());
    changed();
  }
  if (working()) keepCurrent(look, EVERY, working);
}
