// The head of a case follows the case: its state, its deadline, who reads it, a newer version.
//
// Nothing moves under a hand. What stays in its place is written at once; what would move something waits until it is
// asked for, or until nobody points at the page or writes on it.

import { tick } from "./clock.js";
import { ask, keepCurrent, NoAnswer } from "./connection.js";

const EVERY = 3000; // ms
const OWN = "a, button, input, textarea, select, summary";

export function startHead() {
  const head = document.getElementById("head");
  const parts = [...head.querySelectorAll("[data-part]")];
  const served = new Map(parts.map((part) => [part, part.innerHTML])); // as the site sent it, before the clock wrote in it
  let etag = "";
  let fresh = null; // what the site said last, while a part of it waits
  let tried = []; // what held it, when it was tried last
  let touched = !matchMedia("(any-hover: hover)").matches; // nobody knows what a finger is over
  document.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"), { passive: true });
  document.addEventListener("pointermove", (event) => (touched &&= event.pointerType === "touch"), { passive: true });

  const pointed = () => [...document.querySelectorAll(":hover")].at(-1);
  const focused = () => (document.activeElement === document.body ? undefined : document.activeElement);
  const busy = () => touched || pointed() || focused();
  const hands = () => [pointed(), focused()].filter(Boolean);

  // What waits is not tried again while the same holds it: a live region would be spoken, and what is selected in it
  // lost. A part that was written and taken back has other elements, so the part stands for them.
  const placeOf = (element) => element?.closest("[data-part]") ?? element;
  const isTried = () => {
    const holds = [touched, placeOf(pointed()), placeOf(focused())], before = tried;
    tried = holds;
    return holds.every((one, index) => one === before[index]);
  };

  // Where everything is that somebody points at or writes in, and how high the head is.
  function places(held) {
    const boxes = held.map((element) => element.isConnected && Object.values(element.getBoundingClientRect().toJSON()));
    return JSON.stringify([busy() ? head.scrollHeight : 0, ...boxes.filter(Boolean)]);
  }

  // Writes one part. Returns whether it has to wait.
  function write(part, html, asked) {
    const held = hands();
    if (!asked && held.some((element) => part.contains(element) && element.closest(OWN))) return true;
    const kept = part.innerHTML;
    const outside = held.filter((element) => !part.contains(element));
    const before = places(outside);
    part.innerHTML = html;
    tick(part);
    if (asked || places(outside) === before) {
      served.set(part, html);
      return false;
    }
    part.innerHTML = kept;
    return true;
  }

  function show(asked = false) {
    const waits = parts.filter((part) => {
      const html = fresh.querySelector(`[data-part="${part.dataset.part}"]`).innerHTML;
      return served.get(part) !== html && write(part, html, asked);
    });
    if (!waits.length) {
      fresh = null;
      head.querySelector(".changes")?.remove();
    } else if (!head.querySelector(".changes")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button small changes" });
      button.textContent = head.dataset.changed;
      button.addEventListener("click", () => fresh && show(true));
      head.append(button);
    }
  }

  async function refresh() {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await ask(head.dataset.live, { headers });
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      const holder = document.createElement("template");
      holder.innerHTML = answer.text;
      fresh = holder.content;
    } else if (answer.status !== 304) throw new NoAnswer(answer.status);
    const again = !isTried();
    if (fresh && (again || answer.status === 200)) show();
  }

  keepCurrent(refresh, EVERY);
}
