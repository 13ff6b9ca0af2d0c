// Sends the queued cases, a few at once, and follows each to its answer. Whatever fails on the way is tried again by itself:
// what arrived isn't sent again, and the rest goes out under its key.

import { token, whoIsSignedIn } from "../token.js";
import { meaningOf, outcomeOf } from "./answers.js";
import { jittered, Line, seconds, step } from "./line.js";
import { isUnderWay, move } from "./machine.js";
import { get, post, tell } from "./request.js";

const AT_ONCE = 2; // requests; the server decodes one picture a core
const TRIES = 6; // of a case while the line is there; with the waits between them about a minute
const BUSY_TRIES = 30; // of a case; the server says how long to wait, and then all wait
const LONGEST_WAIT = 30; // seconds before the next try of one case, where the server says nothing
const POLL_EVERY = [1, 1, 2, 2, 4]; // seconds between two looks at a case that arrives

export class Sender {
  #running = new Map(); // case → abort of its request
  #notBefore = 0; // when the server is busy, nothing goes out
  #wake = null;

  // `changed(item)` draws a case, or only the bar; `ended()` is called when nothing is under way any more.
  constructor({ batch, api, me, person, changed, ended }) {
    Object.assign(this, { batch, api, changed, ended });
    const isNeeded = () => this.isBusy();
    this.line = new Line({ me, person, isNeeded, changed: () => this.#lineChanged() });
  }

  isBusy() {
    return this.batch.cases.some(isUnderWay);
  }

  send(items) {
    for (const item of items) {
      this.dismiss(item);
      this.batch.freeze(item);
      if (move(item, item.state === "asking" ? "confirm" : "send")) {
        Object.assign(item, { tries: 0, denied: false, notBefore: 0, progress: 0, reason: "", error: null });
      }
      this.changed(item);
    }
    if (this.line.state === "full") this.line.set("open"); // the person says that there is room again
    else if (!this.line.isOpen()) this.line.look();
    this.#pump();
  }

  // What is not all out stays on the page; what is all out goes on to its answer.
  stop(items = [...this.batch.cases], reason = "stopped") {
    for (const item of items) {
      if (!move(item, "stop")) continue;
      item.reason = reason;
      this.#running.get(item)?.();
      this.changed(item);
    }
    this.endIfDone();
  }

  endIfDone() {
    if (!this.#running.size && !this.isBusy()) this.ended();
  }

  // A case that was refused after it had arrived stays with its sender until they have seen why.
  dismiss(item) {
    if (!item.refusedId) return;
    tell(`${this.api}/${item.refusedId}/dismissal`, token());
    item.refusedId = null;
  }

  #lineChanged() {
    this.changed(null);
    this.#pump();
  }

  #pump() {
    clearTimeout(this.#wake);
    if (!this.line.isOpen()) return;
    const queued = this.batch.cases.filter((item) => item.state === "queued" && !this.#running.has(item));
    const due = (item) => Math.max(item.notBefore, this.#notBefore);
    const now = Date.now();
    for (const item of queued.filter((item) => due(item) <= now)) {
      if (this.#running.size >= AT_ONCE) return;
      this.#running.set(item, null);
      this.#carry(item).finally(() => {
        this.#running.delete(item);
        this.#pump();
        this.endIfDone();
      });
    }
    const later = Math.min(...queued.map(due).filter((time) => time > now));
    if (later < Infinity) this.#wake = setTimeout(() => this.#pump(), later - now);
  }

  async #carry(item) {
    const who = await whoIsSignedIn(); // somebody may have signed in in another tab since the last case
    if (who !== "same") return this.line.set(who);
    if (!this.line.isOpen() || !move(item, "begin")) return;
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
    const { event, look, denied, full, wait, unsure } = meaningOf(answer);
    if (!move(item, event, unsure)) return;
    item.answer = answer.body;
    item.progress = 0; // if it goes out again, then from its start
    if (event === "arrive") this.#follow(item, answer.location ?? `${this.api}/${answer.body.id}`);
    if (["refuse", "ask", "fail"].includes(event)) item.error = answer.body?.error ?? {};
    if (full) this.#fill(item);
    else if (look) await this.#lookAfter(item, answer, denied);
    else if (event === "again") this.#waitForServer(item, wait);
  }

  // Nothing is tried by itself: every try would fill the disk again.
  #fill(item) {
    item.reason = "full";
    this.line.set("full");
    this.stop([...this.batch.cases], "full");
  }

  // No answer, or one that says who may not: the line or the sign-in is the reason, or else this case is.
  async #lookAfter(item, answer, denied) {
    const state = await this.line.look();
    if (state !== "open") return;
    if (!answer.status && (await isChanged(item))) return this.#giveUp(item, "changed");
    // The token of a new sign-in explains the first 403; the second one is meant.
    if (denied && item.denied) return this.#giveUp(item, "", answer.body?.error);
    item.denied ||= Boolean(denied);
    item.tries += 1;
    item.reason = "lost";
    if (item.tries >= TRIES) this.#giveUp(item, "lost");
    else item.notBefore = Date.now() + pause(item.tries) * 1000;
  }

  #waitForServer(item, wait) {
    item.tries += 1;
    item.reason = "busy";
    if (item.tries >= BUSY_TRIES) return this.#giveUp(item, "busy");
    this.#notBefore = Date.now() + (wait === null ? pause(item.tries) : jittered(wait)) * 1000;
  }

  #giveUp(item, reason, error = null) {
    if (move(item, "fail")) Object.assign(item, { reason, error });
  }

  async #follow(item, location) {
    const url = new URL(location, document.baseURI).pathname; // behind a proxy the server may not know its own address
    for (let number = 0; item.state === "arriving"; number += 1) {
      await seconds(jittered(step(POLL_EVERY, number)));
      const { status, body } = await get(url);
      if (status === 200 && body) this.#conclude(item, body);
      else if (status === 404) this.#forget(item);
      else await this.line.look();
    }
    this.changed(item);
    this.endIfDone();
  }

  // It was dismissed elsewhere, or its sender may no longer see it.
  #forget(item) {
    item.key = "";
    this.#giveUp(item, "gone");
  }

  #conclude(item, body) {
    const outcome = outcomeOf(body);
    if (!outcome || !move(item, outcome.event)) return;
    item.answer = body;
    item.error = outcome.error ?? null;
    if (outcome.error) item.refusedId = body.id;
  }
}

const pause = (tries) => jittered(Math.min(2 ** (tries - 1), LONGEST_WAIT)); // seconds

// The browser sends a file as it was when it was chosen, and breaks off where it is another one by now.
async function isChanged(item) {
  for (const picture of item.frozen.pictures) {
    try {
      await picture.file.slice(0, 1).arrayBuffer();
    } catch {
      picture.fault = "changed";
    }
  }
  return item.frozen.pictures.some((picture) => picture.fault);
}
