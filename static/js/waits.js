// The waits page: the progress of new deadlines, while it runs. Without scripts the page is reloaded instead.

import { ask, keepCurrent, NoAnswer } from "./connection.js";

const EVERY = 1000; // ms
const place = document.getElementById("redating");

const runs = () => place.querySelector("[data-running]") !== null;

async function refresh() {
  const answer = await ask(place.dataset.live);
  if (answer.status !== 200) throw new NoAnswer(answer.status);
  place.innerHTML = answer.text;
}

if (place && runs()) keepCurrent(refresh, EVERY, runs);
