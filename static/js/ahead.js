// The pictures that Next will probably show are fetched while this one is read: once everything here is ready, behind
// all else, and not on a line whose owner asked to save data.

import { ask } from "./connection.js";

const SOON = 2000; // ms: a busy page fetches them after that all the same

async function fetchAhead(address) {
  const answer = await ask(address).catch(() => null);
  if (answer?.status !== 200) return;
  for (const picture of JSON.parse(answer.text).pictures) {
    // Read to its end: only then the browser keeps it.
    await fetch(picture, { priority: "low" }).then((found) => found.blob(), () => null);
  }
}

export function startAhead() {
  const address = document.querySelector("[data-ahead]")?.dataset.ahead;
  if (!address || navigator.connection?.saveData) return;
  const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 200));
  const begin = () => later(() => fetchAhead(address), { timeout: SOON });
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
}
