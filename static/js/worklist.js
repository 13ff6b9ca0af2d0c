// The live worklist. It never shifts under the pointer: rows change in place, and a changed order is
// shown at once only while nobody points at the list or moves in it by keyboard, and never on a touch screen, where
// nobody knows which row a finger is over.

import { startClock, tick } from "./clock.js";
import { onAct } from "./keys.js";
import { ask, keepCurrent, NoAnswer, SignedOut } from "./connection.js";
import { isAsItCame } from "./draft_form.js";
import { backToPlace, keepPlace } from "./list_place.js";

const EVERY = 3000; // ms
const list = document.getElementById("list");
const served = new WeakMap(); // cell → its HTML as the site sent it, before the clock wrote in it
let etag = list?.dataset.etag ?? ""; // of the rows that the page came with
let waitingHtml = "";

const ids = (root) => [...root.querySelectorAll("tbody tr")].map((row) => row.id);
let touched = !matchMedia("(any-hover: hover)").matches; // or whoever last pointed at something did it with a finger
const ticked = () => [...list.querySelectorAll(".tick input:checked")];
const busy = () => touched || ticked().length || list.matches(":hover") || list.contains(document.activeElement) || list.querySelector(".is-current");
document.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"), { passive: true });
document.addEventListener("pointermove", (event) => (touched &&= event.pointerType === "touch"), { passive: true });

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function keepServed(root) {
  for (const cell of root.querySelectorAll("tbody td")) served.set(cell, cell.innerHTML);
}

function updateInPlace(fresh) {
  for (const row of fresh.querySelectorAll("tbody tr")) {
    const old = document.getElementById(row.id);
    if (!old) continue;
    old.dataset.state = row.dataset.state;
    [...row.cells].forEach((cell, index) => {
      const before = old.cells[index];
      if (!before || served.get(before) === cell.innerHTML) return;
      before.innerHTML = cell.innerHTML;
      served.set(before, cell.innerHTML);
    });
    if (old.classList.contains("is-new")) sayNew(old);
  }
  tick(list);
}

// By a word too: a coloured edge says nothing to who sees no colour.
function sayNew(row) {
  row.classList.add("is-new");
  const cell = row.querySelector(".case");
  if (cell.querySelector(".new-word")) return;
  const word = Object.assign(document.createElement("span"), { className: "tag good new-word", textContent: list.dataset.new });
  cell.querySelector("a").after(word);
}

function showAll(html) {
  const known = new Set(ids(list));
  const kept = ticked().map((box) => box.value);
  list.replaceChildren(parsed(html));
  for (const box of list.querySelectorAll(".tick input")) box.checked = kept.includes(box.value);
  showTicked();
  keepServed(list);
  tick(list);
  for (const row of list.querySelectorAll("tbody tr")) {
    if (known.size && !known.has(row.id)) sayNew(row);
  }
  waitingHtml = "";
}

function offer(html) {
  waitingHtml = html;
  if (list.querySelector(".changes")) return;
  const holder = document.createElement("div");
  holder.className = "changes";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = list.dataset.changed;
  button.addEventListener("click", () => showAll(waitingHtml));
  holder.append(button);
  list.prepend(holder);
}

async function refresh() {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await ask(list.dataset.live, { headers }).catch((error) => {
    // To the sign-in page, and back here after it. Whoever has written something signs in in another tab, as the bar says.
    const forms = [...document.querySelectorAll("main form[method=post]")];
    if (error instanceof SignedOut && forms.every(isAsItCame)) location.reload();
    throw error;
  });
  if (answer.status === 304) {
    if (waitingHtml && !busy()) showAll(waitingHtml); // the pointer has left the list
    return;
  }
  if (answer.status !== 200) throw new NoAnswer(answer.status);
  etag = answer.headers.get("ETag") ?? "";
  const html = answer.text;
  const fresh = parsed(html);
  // Another number, in a place that has room for it: nothing moves.
  const counts = fresh.querySelector("template[data-ready]");
  if (counts) document.getElementById("ready").replaceChildren(counts.content);
  if (ids(fresh).join() === ids(list).join()) {
    updateInPlace(fresh);
    list.querySelector(".changes")?.remove();
    waitingHtml = "";
  } else if (busy()) {
    updateInPlace(fresh);
    offer(html);
  } else {
    showAll(html);
  }
}

function move(step) {
  const rows = [...list.querySelectorAll("tbody tr")];
  const at = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  if (!next) return;
  choose(next);
  next.scrollIntoView({ block: "nearest" });
}

function choose(row) {
  list.querySelector(".is-current")?.classList.remove("is-current");
  row.classList.add("is-current");
  row.querySelector(".case a").focus({ preventScroll: true });
}

// What a lead does with ticked rows is there while some are: below the list, so that nothing moves.
const bulk = document.getElementById("bulk");
function showTicked() {
  if (!bulk) return;
  const count = ticked().length;
  bulk.hidden = !count;
  bulk.querySelector("[data-ticked]").textContent = count ? `(${count})` : "";
}

if (list) {
  // The answer to a form that was refused: loading the page again asks for the list, and sends nothing.
  if (list.dataset.address) history.replaceState(null, "", list.dataset.address);
  list.addEventListener("change", showTicked);
  showTicked();
  const current = () => list.querySelector(".is-current") ?? document.activeElement.closest("tbody tr");
  onAct("row.tick", () => current()?.querySelector(".tick input")?.click());
  onAct("priority", () => bulk && !bulk.hidden && bulk.querySelector("select").focus());
  onAct("row.down", () => move(1));
  onAct("row.up", () => move(-1));
  onAct("row.open", () => list.querySelector(".is-current .case a")?.click());
  keepServed(list);
  keepPlace(list);
  backToPlace(list, choose);
  startClock();
  keepCurrent(refresh, EVERY);
}
