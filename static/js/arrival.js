// The page of a case that arrives: what has been read of it, until it has arrived. Without scripts the page is reloaded.

import { ask, keepCurrent, NoAnswer } from "./connection.js";

const EVERY = 500; // ms
const place = document.getElementById("arrival");

const runs = () => place.querySelector("[data-running]") !== null;

async function refresh() {
  const answer = await ask(place.dataset.live);
  if (answer.status !== 200) throw new NoAnswer(answer.status);
  place.innerHTML = answer.text;
  if (!place.childElementCount) location.reload(); // it was received: its page is another one now
}

if (runs()) keepCurrent(refresh, EVERY, runs);
