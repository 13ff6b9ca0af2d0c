// Renews the claim while somebody works on the page, and says when it can't be renewed or is lost.

import { ask, clockTime, fill, NoAnswer, now, SignedOut } from "./connection.js";
import { token } from "./token.js";

const AGAIN = 5000; // ms between tries while the claim can't be renewed
const TICK = 1000; // ms

export function startLease() {
  const lease = document.getElementById("lease");
  if (!lease) return;
  const texts = lease.dataset;
  const every = (Number(texts.seconds) * 1000) / 5;
  let until = new Date(texts.until);
  let next = Date.now() + every;
  let active = true; // somebody has worked here since the last renewal
  let asking = false;
  let troubled = false;
  for (const name of ["pointermove", "keydown", "pointerdown"]) {
    document.addEventListener(name, () => (active = true), { passive: true });
  }

  function say(text, role = "alert") {
    if (lease.textContent === text) return;
    lease.setAttribute("role", role);
    lease.textContent = text;
  }

  function lost(why = "", newer = null, code = "") {
    clearInterval(timer);
    // Another reader's act is said in its own words: the claim has not run out.
    say(newer || code === "claim_taken" ? `${why} ${texts.kept} ` : `${texts.lost} ${why}`.trim());
    if (newer) lease.append(Object.assign(document.createElement("a"), { href: newer, textContent: texts.newer }));
  }

  async function renew() {
    const answer = await ask(texts.renew, { method: "POST", headers: { "X-CSRFToken": token() } });
    if (answer.status === 409) {
      const { message, newer, why } = JSON.parse(answer.text);
      return lost(message, newer, why);
    }
    if (answer.status !== 200) throw new NoAnswer(answer.status);
    until = new Date(JSON.parse(answer.text).claimed_until);
    say(fill(texts.renewed, { time: clockTime(until) }), "status");
  }

  async function tryToRenew() {
    if (asking) return;
    asking = true;
    active = false;
    try {
      await renew();
      troubled = false;
    } catch (error) {
      // 403: the page's token is older than the session, since somebody signed out.
      const signedOut = error instanceof SignedOut || error.status === 403;
      troubled = true;
      say(fill(signedOut ? texts.signedOut : texts.unanswered, { time: clockTime(until) }));
    }
    next = Date.now() + (troubled ? AGAIN : every);
    asking = false;
  }

  function tick() {
    if (now() >= until) return lost();
    if (!document.hidden && Date.now() >= next && (active || troubled)) tryToRenew();
  }

  const timer = setInterval(tick, TICK);
  const atOnce = () => troubled && (next = 0);
  document.addEventListener("visibilitychange", atOnce);
  window.addEventListener("online", atOnce);
  // The browser itself says that the connection is cut: the reader learns it now, not at the next renewal.
  window.addEventListener("offline", () => ((troubled = true), (next = 0)));
}
