// The bar at the foot of the page: how much is out, what the line does, and what is missing before anything goes out.

import { isUnderWay } from "./machine.js";
import { fill, texts } from "./text.js";

const SPEAKS_EVERY = 5000; // ms. A screen reader that speaks of each case says nothing else any more.
const LINE_TEXTS = { lost: "lineLost", signedOut: "lineSignedOut", another: "lineAnother", full: "lineFull" };
const byId = (id) => document.getElementById(id);

export class StatusBar {
  #asked = ""; // stays until it is answered, whatever is counted meanwhile
  #spoken = 0;
  #speakLater = null;

  constructor(signIn) {
    this.signIn = signIn; // where one signs in
  }

  // `going`: the cases of this turn of Send. `faulty`: those that can't go out yet.
  draw(cases, going, faulty, line) {
    const underWay = cases.some(isUnderWay);
    byId("send").disabled = underWay && !cases.some(({ state }) => ["draft", "unsent"].includes(state));
    byId("stop").hidden = !cases.some((item) => ["queued", "sending"].includes(item.state));
    this.#drawTotal(going, underWay);
    this.#drawLine(line, underWay);
    this.say(this.#asked || this.#counted(cases, going, faulty, underWay));
  }

  #drawTotal(going, underWay) {
    const total = byId("total");
    total.hidden = !underWay;
    const share = (item) => (["queued", "sending"].includes(item.state) ? item.progress : 1);
    total.value = going.length ? going.reduce((sum, item) => sum + share(item), 0) / going.length : 0;
  }

  #counted(cases, going, faulty, underWay) {
    const parts = [];
    if (underWay) {
      const done = going.filter((item) => item.state === "accepted").length;
      parts.push(fill(texts.underWay, { done, all: going.length }));
      const refused = going.filter((item) => item.state === "refused").length;
      if (refused) parts.push(fill(texts.andRefused, { n: refused }));
    }
    const ready = cases.filter((item) => ["draft", "unsent"].includes(item.state) && !faulty.includes(item));
    if (ready.length) parts.push(fill(texts.ready, { n: ready.length }));
    if (faulty.length) parts.push(fill(texts.faulty, { n: faulty.length }));
    return parts.join(", ");
  }

  #drawLine(line, underWay) {
    const place = byId("line");
    const text = (underWay || line === "full") && LINE_TEXTS[line] ? texts[LINE_TEXTS[line]] : "";
    place.hidden = !text;
    if (place.dataset.said === text) return;
    place.dataset.said = text;
    place.textContent = text;
    if (line !== "signedOut" && line !== "another") return;
    const link = Object.assign(document.createElement("a"), { href: this.signIn, target: "_blank", textContent: texts.signIn });
    place.append(" ", link);
  }

  say(text) {
    byId("count").textContent = text;
    clearTimeout(this.#speakLater);
    this.#speakLater = setTimeout(() => this.speak(text), Math.max(0, this.#spoken + SPEAKS_EVERY - Date.now()));
  }

  // For a screen reader, at once.
  speak(text) {
    this.#spoken = Date.now();
    if (byId("spoken").textContent !== text) byId("spoken").textContent = text;
  }

  // What must be said before anything goes out.
  ask(text) {
    this.#asked = text;
    this.#spoken = 0;
    this.say(text);
    byId("count").classList.add("asks");
  }

  answered() {
    this.#asked = "";
    byId("count").classList.remove("asks");
  }
}
