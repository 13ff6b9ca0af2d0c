// Sends the queued cases, a few at once, and follows each to its answer. Whatever fails on the way is tried again by itself:
// what arrived isn't sent again, and the rest goes out under its key.

import { token, whoIsSignedIn } from "../token.js";
import { meaningOf, outcomeOf } from "./answers.js";
import { isUnderWay, move } from "./machine.js";
import { get, post } from "./request.js";

const AT_ONCE = 2; // requests; the server decodes one picture a core
const TRIES = 6; // with the waits between them about a minute; only tries count that the line was there for
const LOOK_EVERY = [1, 2, 4, 8, 15]; // seconds between looks for a line that is lost
const POLL_EVERY = [1, 1, 2, 2, 4]; // seconds between looks at a case that arrives

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));
// All pages of a clinic lose the server at once: they must not come back at once.
const jittered = (count) => count * (1 + Math.random() / 4);
const step = (steps, number) => steps[Math.min(number, steps.length - 1)];

// The line to the site: open, lost, signedOut, another (somebody else is signed in), full (the server's disk).
const LOOKS_BY_ITSELF = ["lost", "signedOut", "another"];

export class Sender {
  line = "open";
  #running = new Map(); // case → abort of its request
  #looking = false;
  #wake = null;

  // `me` and `person`: who must still be signed in. `changed(item)` draws a case, `ended()` when nothing is under way.
  constructor({ batch, api, me, person, changed, ended }) {
    Object.assign(this, { batch, api, me, person, changed, ended });
    for (const event of ["online", "focus"]) addEventListener(event, () => this.look());
  }

  isBusy() {
    return this.batch.cases.some(isUnderWay);
  }

  send(items) {
    if (this.line === "full") this.line = "open";
    for (const item of items) {
      this.batch.freeze(item);
      if (move(item, item.state === "asking" ? "confirm" : "send")) {
        Object.assign(item, { tries: 0, denied: false, notBefore: 0, progress: 0, reason: "", error: null });
      }
      this.changed(item);
    }
    this.#pump();
    if (this.line !== "open") this.look().then(() => this.#lookUntilOpen());
  }

  // What is not all out stays on the page; what is all out goes on to its answer.
  stop(reason = "stopped") {
    for (const item of [...this.batch.cases]) {
      if (!move(item, "stop")) continue;
      item.reason = reason;
      this.#running.get(item)?.();
      this.changed(item);
    }
    this.endIfDone();
  }

  #pump() {
    clearTimeout(this.#wake);
    if (this.line !== "open") return;
    const queued = this.batch.cases.filter((item) => item.state === "queued" && !this.#running.has(item));
    const now = Date.now();
    for (const item of queued.filter((item) => item.notBefore <= now)) {
      if (this.#running.size >= AT_ONCE) return;
      this.#running.set(item, null);
      this.#carry(item).finally(() => {
        this.#running.delete(item);
        this.#pump();
        this.endIfDone();
      });
    }
    const later = Math.min(...queued.map((item) => item.notBefore).filter((time) => time > now));
    if (later < Infinity) this.#wake = setTimeout(() => this.#pump(), later - now);
  }

  endIfDone() {
    if (!this.#running.size && !this.isBusy()) this.ended();
  }

  async #carry(item) {
    const who = await whoIsSignedIn(); // somebody may have signed in in another tab since the last case
    if (who !== "same") return this.#hold(who);
    if (this.line !== "open" || !move(item, "begin")) return;
    this.changed(item);
    const answer = await post(this.api, item, token(), {
      begun: (abort) => this.#running.set(item, abort),
      progress: (share) => {
        item.progress = share;
        this.changed(item);
      },
      allOut: () => {
        move(item, "allOut");
        this.changed(item);
      },
    });
    await this.#settle(item, answer);
    this.changed(item);
  }

  async #settle(item, answer) {
    if (!["sending", "checking"].includes(item.state)) return; // stopped meanwhile
    const meaning = meaningOf(answer);
    item.answer = answer.body;
    if (!move(item, meaning.event)) return;
    if (meaning.event === "arrive") this.#follow(item, answer.location ?? `${this.api}/${answer.body.id}`);
    if (meaning.event === "refuse" || meaning.event === "ask" || meaning.event === "fail") item.error = answer.body?.error ?? {};
    if (meaning.full) this.#hold("full");
    if (meaning.look) await this.#lookAfter(item, meaning, answer);
    else if (meaning.event === "again") this.#tryLater(item, "busy", meaning.wait);
  }

  // No answer, or one that says who may not: the line or the sign-in is the reason, or else this case is.
  async #lookAfter(item, meaning, answer) {
    const found = await this.#find();
    if (found !== "open") return this.#hold(found);
    // The token of a new sign-in explains the first 403; the second one is meant.
    if (item.denied && meaning.denied && move(item, "fail")) item.error = answer.body?.error ?? {};
    else this.#tryLater(item, "lost");
    item.denied ||= Boolean(meaning.denied);
  }

  #tryLater(item, reason, wait = null) {
    item.tries += 1;
    item.reason = reason;
    if (item.tries >= TRIES) move(item, "fail");
    else item.notBefore = Date.now() + jittered(wait ?? 2 ** (item.tries - 1)) * 1000;
  }

  // What is under way waits; with a full disk nothing is tried by itself.
  #hold(line) {
    this.line = line;
    if (line === "full") this.stop("full");
    this.changed(null);
    if (LOOKS_BY_ITSELF.includes(line)) this.#lookUntilOpen();
  }

  async #lookUntilOpen() {
    if (this.#looking) return;
    this.#looking = true;
    for (let number = 0; this.line !== "open" && this.isBusy(); number += 1) {
      await seconds(jittered(step(LOOK_EVERY, number)));
      await this.look();
    }
    this.#looking = false;
  }

  // Asked at once when the browser says that the network is back, or the person comes back from the other tab.
  async look() {
    if (!LOOKS_BY_ITSELF.includes(this.line)) return;
    const found = await this.#find();
    if (found === this.line) return;
    this.line = found;
    this.changed(null);
    this.#pump();
  }

  async #find() {
    const { status, body } = await get(this.me);
    if (status === 401 || status === 403) return "signedOut";
    if (status !== 200 || !body) return "lost";
    return body.id === this.person ? "open" : "another";
  }

  async #follow(item, location) {
    const url = new URL(location, document.baseURI).pathname; // behind a proxy the server may not know its own address
    for (let number = 0; item.state === "arriving"; number += 1) {
      await seconds(jittered(step(POLL_EVERY, number)));
      const { status, body } = await get(url);
      if (status === 404) move(item, "fail");
      else if (status === 401 || status === 403 || status === 0) this.#hold(await this.#find());
      else if (status === 200 && body) this.#conclude(item, body);
    }
    this.changed(item);
    this.endIfDone();
  }

  #conclude(item, body) {
    const outcome = outcomeOf(body);
    if (!outcome) return;
    item.answer = body;
    item.error = outcome.error ?? null;
    move(item, outcome.event);
  }
}
