// The connection to the site: requests with a time-out, the site's clock, and the bar of a page that is not current.

import { doubt } from "./token.js";

const TIMEOUT = 5000; // ms. A connection that hangs is as bad as none.
const STALE = 8000; // ms since what is shown was asked for. Above EVERY + TIMEOUT of the worklist; with TICK below 10 s.
const TICK = 1000; // ms

const tellers = new Map(); // what is kept current → what the bar has to say of it
const bar = document.getElementById("stale");
let ahead = (Date.parse(bar?.dataset.now) || Date.now()) - Date.now(); // ms that the site's clock is ahead of this one

export const now = () => new Date(Date.now() + ahead);
export const clockTime = (when) => when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const fill = (template, values) => template.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

// Whether a form that goes out now may end on a page of the browser's own, which says that there is no line: the site
// was asked last without an answer, or hasn't answered yet.
let isAnswered = true;
export const heard = (answered) => (isAnswered = answered);
export const mayBeCut = () => !isAnswered || !navigator.onLine;

export class SignedOut extends Error {}

// What a proxy or a broken server says in the site's place is no answer.
export class NoAnswer extends Error {
  constructor(status) {
    super();
    this.status = status;
  }
}

// Answers with {status, headers, text}, the body read to its end; throws if the site said nothing in time.
export async function ask(url, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  heard(false);
  try {
    const answer = await fetch(url, { credentials: "same-origin", ...options, signal: stop.signal });
    heard(answer.redirected || answer.status === 304 || answer.headers.has("X-Callus-Part"));
    if (answer.redirected) {
      doubt();
      throw new SignedOut(); // the only redirect of these addresses is to the sign-in page
    }
    if (!isAnswered) throw new NoAnswer(answer.status);
    const text = await answer.text();
    const date = Date.parse(answer.headers.get("Date"));
    if (date) ahead = date - Date.now();
    return { status: answer.status, headers: answer.headers, text };
  } finally {
    clearTimeout(timer);
  }
}

// A moment on two clocks: one stands still while a laptop sleeps, the other jumps when somebody sets it.
const moment = () => ({ wall: Date.now(), steady: performance.now(), at: now() });
const age = (since) => Math.max(Date.now() - since.wall, performance.now() - since.steady);

// Keeps `place` as its address says it, every `every` ms, while something in it runs. `shown` is called each time.
export function keepPart(place, every, shown = () => {}) {
  const runs = () => place.querySelector("[data-running]") !== null;

  async function refresh() {
    const answer = await ask(place.dataset.live);
    if (answer.status !== 200) throw new NoAnswer(answer.status);
    place.innerHTML = answer.text;
    shown();
  }

  if (runs()) keepCurrent(refresh, every, runs);
}

// Calls `refresh` every `every` ms while the page is visible and `going()`. `refresh` throws unless what it
// shows is current now; when none has succeeded for STALE ms, the bar says since when.
export function keepCurrent(refresh, every, going = () => true) {
  let current = moment();
  let signedOut = false;
  let refreshing = false;
  let failures = 0;
  let timer;

  function showWhetherItAnswers() {
    const texts = signedOut ? bar.dataset.signedOut : bar.dataset.stale;
    const said = going() && (signedOut || age(current) > STALE) ? fill(texts, { time: clockTime(current.at) }) : "";
    tellers.set(refresh, said);
    const shown = [...tellers.values()].find(Boolean) ?? "";
    if (bar.textContent !== shown) bar.textContent = shown; // a screen reader speaks once, not each second
  }

  async function turn() {
    clearTimeout(timer);
    if (refreshing || document.hidden || !going()) return;
    refreshing = true;
    const asked = moment();
    try {
      await refresh();
      current = asked;
      failures = 0;
      signedOut = false;
    } catch (error) {
      failures += 1;
      signedOut = error instanceof SignedOut;
    }
    refreshing = false;
    showWhetherItAnswers();
    // After an outage all open pages ask again: not at the same moment, and not more often than before.
    if (going()) timer = setTimeout(turn, every * (1 + Math.min(failures, 2) * Math.random()));
  }

  // Whoever comes back to the page, or back to the network, isn't made to wait for the next turn.
  document.addEventListener("visibilitychange", turn);
  window.addEventListener("online", turn);
  window.addEventListener("pageshow", (event) => event.persisted && turn());
  setInterval(showWhetherItAnswers, TICK);
  timer = setTimeout(turn, every);
}
