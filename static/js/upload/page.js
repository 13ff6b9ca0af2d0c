// The upload page: what a person does becomes a change of the batch, and every change is drawn.

import { Batch, SHARED } from "./batch.js";
import { Card } from "./card.js";
import { apart, MOST, ofDrop, ofFiles, picturesOf } from "./collect.js";
import { isUnderWay, may } from "./machine.js";
import { DRAGGED } from "./picture.js";
import { problemsOf } from "./problems.js";
import { reasonFor } from "./reasons.js";
import { Sender } from "./sender.js";
import { StatusBar } from "./status.js";
import { Summary } from "./summary.js";
import { fill, someOf, texts } from "./text.js";

const byId = (id) => document.getElementById(id);
const form = byId("upload");
const limits = { images: Number(form.dataset.maxImages), bytes: Number(form.dataset.maxBytes) };
const FOR_ALL = [...SHARED, "side", "projection", "site"];
const FORGOTTEN = ["body_part", "clinical_question", "age_band", "sex", "side", "projection"]; // never reaches the next patients
const OPEN_CARDS = 2; // so few cards show all their fields at once

const batch = new Batch();
const cards = new Map(); // case → Card
let going = []; // cases of this turn of Send
let sentDefaults = {};
let reading = 0; // how many choices of files are being read

function linkTo(id, text) {
  const href = form.dataset.case.replace("00000000-0000-0000-0000-000000000000", id);
  return Object.assign(document.createElement("a"), { href, textContent: text });
}

function labelOf(name, value) {
  return [...(form.elements[name]?.options ?? [])].find((option) => value && option.value === value)?.text ?? "";
}

const page = { form, batch, labelOf, linkTo, reasonFor };
const summary = new Summary(linkTo);
const status = new StatusBar(form.dataset.signIn);
const sender = new Sender({
  batch,
  api: form.dataset.api,
  me: document.body.dataset.me,
  person: document.body.dataset.person,
  changed: (item) => draw(item),
  ended,
});

// --- what a person does ---------------------------------------------------------------------------

// One after another, so that a file that comes twice is seen.
let adding = Promise.resolve();
function add(coming) {
  reading += 1;
  status.say(texts.reading);
  adding = adding
    .then(() => addNow(coming))
    .catch(() => (byId("skipped").textContent = texts.unread)) // of what the browser gives; never silently
    .finally(() => {
      reading -= 1;
      drawAll();
    });
}

async function addNow(coming) {
  const { pictures, skipped, tooMany } = await picturesOf(await coming);
  const { fresh, known } = await apart(pictures, batch.cases.flatMap((item) => item.pictures));
  batch.add(fresh);
  const said = [];
  if (tooMany) said.push(fill(texts.tooManyFiles, { n: tooMany, most: MOST }));
  else if (!pictures.length) said.push(texts.nothing);
  if (known.length) said.push(fill(texts.known, { names: someOf(known) }));
  if (skipped.length) said.push(fill(texts.skipped, { names: someOf([...new Set(skipped)]) }));
  byId("skipped").textContent = said.join(" ");
}

const acts = {
  changed: (item) => {
    batch.changed(item);
    draw(item);
  },
  remove: (item) => removeAll([item]),
  retry: (item) => start([item]),
  cancel: (item) => sender.stop([item]),
  confirm: (item) => {
    item.confirmed = true;
    start([item]);
  },
  separate: (item) => {
    batch.separate(item);
    drawAll();
    cards.get(item).focus();
  },
  takeOut: (picture) => focusOn(batch.moveTo(picture.id, null)),
  dropPicture: (item, picture) => {
    batch.takeOut(item, picture.id);
    drawAll();
  },
  picked: () => drawTools(),
};

function removeAll(items) {
  const next = batch.cases[batch.cases.indexOf(items.at(-1)) + 1] ?? null;
  for (const item of items) if (batch.remove(item)) sender.dismiss(item);
  going = going.filter((item) => item.state !== "removed");
  sender.endIfDone();
  drawAll();
  (cards.get(next)?.pick ?? byId("images")).focus({ preventScroll: true });
}

const picked = () => batch.cases.filter((item) => cards.get(item)?.pick.checked);

function group(items) {
  if (items.length < 2) return;
  for (const item of items) cards.get(item).pick.checked = false;
  focusOn(batch.group(items));
}

function focusOn(item) {
  drawAll();
  if (item) cards.get(item).focus();
}

// --- sending --------------------------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await adding;
  if (!batch.cases.length) return status.ask(texts.none);
  if (!form.reportValidity()) return;
  const items = batch.cases.filter(goesOut);
  if (!items.length) return batch.cases.some((item) => item.state === "refused") ? status.ask(texts.refusedOnly) : undefined;
  start(items);
});

// What was refused goes out again once it, or what is said for all, has changed.
function goesOut(item) {
  return ["draft", "unsent"].includes(item.state) || (item.state === "refused" && !batch.isUnchanged(item));
}

// What has gone out already goes out as it was.
const isFaulty = (item) => !item.unanswered && problemsOf(item, batch, limits).length > 0;

function start(items) {
  const faulty = items.filter(isFaulty);
  if (faulty.length) return askAbout(faulty);
  status.answered();
  if (!batch.cases.some((item) => isUnderWay(item) || item.state === "accepted")) {
    going = [];
    if (!batch.cases.some((item) => !items.includes(item))) startSummary(items);
  }
  going = [...new Set([...going, ...items])];
  sentDefaults = { ...batch.defaults };
  byId("summary").hidden = true;
  sender.send(items);
}

// Nothing is left of the last turn: the count begins anew.
function startSummary(items) {
  if (items.every((item) => !item.frozen)) summary.sent = [];
}

// Says each thing once, and leads to the first: for all, where it is missing everywhere.
function askAbout(items) {
  const found = new Map();
  for (const item of items) {
    for (const { code } of problemsOf(item, batch, limits)) found.set(code, (found.get(code) ?? new Set()).add(item));
  }
  const said = [...found].map(([code, of]) => (of.size > 1 ? fill(texts.inCases, { text: texts[code], n: of.size }) : texts[code]));
  status.ask(said.join(". "));
  const [first] = items;
  const field = problemsOf(first, batch, limits)[0].field;
  if (field && found.get("bodyPart").size > 1 && !batch.defaults[field]) form.elements[field].focus();
  else cards.get(first).focus(field);
}

function ended() {
  summary.sent.push(...batch.cases.filter((item) => item.state === "accepted"));
  const all = going.length && going.every((item) => item.state === "accepted");
  for (const item of batch.cases.filter((item) => item.state === "accepted")) batch.remove(item);
  if (all) forget();
  if (going.length) status.speak(summary.show(batch.cases));
  going = [];
  drawAll();
}

// What was said for the patients before must not reach the next ones. What was typed meanwhile stays.
function forget() {
  for (const name of FORGOTTEN) {
    if (form.elements[name].value === (sentDefaults[name] ?? "")) form.elements[name].value = "";
  }
  if (form.elements.priority.value === sentDefaults.priority) form.elements.priority.value = "routine";
  readDefaults();
}

// --- drawing --------------------------------------------------------------------------------------

function readDefaults() {
  for (const name of FOR_ALL) batch.defaults[name] = form.elements[name].value.trim();
}

function draw(item) {
  if (item && cards.has(item)) cards.get(item).draw(problemsOf(item, batch, limits));
  drawBar();
  drawTools();
}

function drawAll() {
  for (const [item, card] of cards) {
    if (batch.cases.includes(item)) continue;
    card.end();
    cards.delete(item);
  }
  const list = byId("cases");
  batch.cases.forEach((item, index) => {
    if (!cards.has(item)) {
      const card = new Card(item, page, acts);
      cards.set(item, card);
      card.open(batch.cases.length <= OPEN_CARDS);
    }
    const { element } = cards.get(item);
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    cards.get(item).draw(problemsOf(item, batch, limits));
  });
  byId("list").hidden = !batch.cases.length;
  form.classList.toggle("has-cases", batch.cases.length > 0);
  drawBar();
  drawTools();
}

function drawBar() {
  if (reading) return;
  const faulty = batch.cases.filter((item) => ["draft", "unsent"].includes(item.state) && isFaulty(item));
  status.draw(batch.cases, going, faulty, sender.line.state);
}

function drawTools() {
  const chosen = picked();
  byId("group").disabled = chosen.length < 2;
  byId("remove-picked").disabled = !chosen.length;
  byId("pick-all").checked = chosen.length > 0 && chosen.length === batch.cases.length;
  byId("pick-all").indeterminate = chosen.length > 0 && chosen.length < batch.cases.length;
  byId("propose").hidden = batch.cases.filter((item) => cards.get(item).proposal()).length < 2;
}

// --- the page's own controls ----------------------------------------------------------------------

byId("stop").addEventListener("click", () => sender.stop());
byId("group").addEventListener("click", () => group(picked()));
byId("remove-picked").addEventListener("click", () => removeAll(picked()));
byId("pick-all").addEventListener("change", ({ target }) => {
  for (const { pick } of cards.values()) pick.checked = target.checked && !pick.disabled;
  drawTools();
});
byId("propose").addEventListener("click", () => {
  for (const [item, card] of cards) {
    const proposal = card.proposal();
    if (proposal && batch.changed(item)) item.own.accession_number = proposal;
  }
  drawAll();
});
form.addEventListener("input", ({ target }) => {
  if (!FOR_ALL.includes(target.name)) return;
  readDefaults();
  status.answered();
  drawAll();
});

for (const id of ["images", "folder", "camera"]) {
  const input = byId(id);
  input.addEventListener("change", () => take(input));
}
function take(input) {
  const files = ofFiles(input.files);
  input.value = "";
  if (files.length) add(files);
}
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  // Text into a field: what is copied from a document comes with a picture of itself.
  if (!files.length || (event.target.closest?.("input, textarea") && event.clipboardData.types.includes("text/plain"))) return;
  event.preventDefault();
  add(ofFiles(files));
});

// Anywhere on the page: a file that falls beside the area would be opened in place of the page, and the list be gone.
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const types = event.dataTransfer?.types ?? [];
    if (types.includes(DRAGGED)) return movePicture(event, name);
    if (!types.includes("Files")) return; // text that is moved into a field
    event.preventDefault();
    byId("drop").classList.toggle("is-over", name === "dragover");
    if (name === "drop") add(ofDrop(event.dataTransfer));
  });
}

// A picture on a card joins its case; beside the cards it becomes one of its own.
function movePicture(event, name) {
  const over = event.target.closest?.(".case");
  const target = batch.cases.find((item) => item.id === over?.dataset.id) ?? null;
  for (const { element } of cards.values()) element.classList.toggle("is-over", name === "dragover" && element === over);
  if (!event.target.closest?.("#list") || (target && !may(target, "change"))) return;
  event.preventDefault();
  if (name === "drop") focusOn(batch.moveTo(event.dataTransfer.getData(DRAGGED), target));
}

addEventListener("beforeunload", (event) => {
  if (batch.cases.some((item) => item.state !== "accepted")) event.preventDefault();
});

function recall() {
  for (const field of form.querySelectorAll("[data-remember]")) {
    const kept = localStorage.getItem(`callus.${field.name}`);
    if (kept && [...field.options].some((option) => option.value === kept)) field.value = kept;
    field.addEventListener("change", () => localStorage.setItem(`callus.${field.name}`, field.value));
  }
}

form.classList.add("scripted");
for (const part of form.querySelectorAll("[data-with-script]")) part.hidden = false;
for (const part of form.querySelectorAll("[data-without-script]")) part.hidden = true;
recall();
readDefaults();
// A browser keeps what was chosen before this script came, and what was chosen before a reload.
for (const id of ["images", "folder", "camera"]) take(byId(id));
drawAll();
