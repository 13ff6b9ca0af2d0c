// The waits page: what the typed table would do, while it is typed, and the progress of new deadlines, while it runs.
// Without scripts the first is a button, and for the second the page is reloaded.

import { ask, keepPart } from "./connection.js";
import { token } from "./token.js";

const EVERY = 1000; // ms
const REST = 400; // ms after the last key
const place = document.getElementById("redating");
const form = document.getElementById("waits-form");
const preview = document.getElementById("preview");
let timer;
let asked = 0;

async function show() {
  const number = (asked += 1);
  const options = { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(new FormData(form)) };
  const answer = await ask(preview.dataset.preview, options).catch(() => null); // the button asks as well
  // Nobody presses a button that is taken from under the pointer or the keyboard.
  if (answer?.status === 200 && number === asked && !preview.querySelector("button:is(:hover, :focus)")) {
    preview.innerHTML = answer.text;
  }
}

// An empty wait in doubt is half of the priority's wait, as it is typed.
function sayHalf({ target }) {
  const [minutes, doubt] = target.closest("tr").querySelectorAll("input");
  if (target !== minutes || !doubt.placeholder || !(minutes.value >= 1)) return;
  doubt.placeholder = doubt.placeholder.replace(/\d+/, Math.max(1, Math.floor(minutes.value / 2)));
}

if (place) keepPart(place, EVERY);
form?.addEventListener("input", (event) => {
  sayHalf(event);
  clearTimeout(timer);
  timer = setTimeout(show, REST);
});
