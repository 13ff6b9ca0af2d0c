// The keys of a page. The help dialog holds their table (triage/web/keys.py): a key presses the element that carries
// its act, or calls what a module gave for it.

export const TYPED_IN =
  "input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=submit]), textarea, " +
  "select, [contenteditable]";
const TOOLS = "[role=toolbar]"; // the choices of a tool's list are its arrows', and no letter of it is missed
const PRESSED_BY_ENTER = "a, button, summary, input, select, label";

const handlers = new Map(); // act → function

// For an act that is no press of an element. What it returns, if it is a text, is read by a screen reader; false: it
// can't be done here.
export const onAct = (name, handler) => handlers.set(name, handler);

// No key is for the page while a dialog is open: what it chose or moved behind the dialog nobody would see.
export function isForThePage(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return !document.querySelector("dialog[open]") && !typedInto(event.target);
}

const typedInto = (target) => target.closest(TYPED_IN) && !target.closest(`${TOOLS} select`);

// What a key is labelled with on a keyboard whose letters and signs are others: by its place on an English one.
const PLACES = { Slash: "/?", Minus: "-_", Equal: "=+", Comma: ",<", Period: ".>" };

// The key's letter, digit or sign. The upper row gives "&" on a French keyboard and "١" on an Arabic one where others
// give "1": without Shift it is the digit that it is labelled with. Caps Lock is no Shift.
export function keyOf(event) {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  if (digit && !event.shiftKey) return digit;
  const isForeign = event.key.length === 1 && event.key > "~";
  const place = /^Key(.)$/.exec(event.code)?.[1] ?? PLACES[event.code]?.[event.shiftKey ? 1 : 0];
  const key = isForeign && place ? place : event.key;
  if (!/^[a-z]$/i.test(key)) return key;
  return event.shiftKey ? key.toUpperCase() : key.toLowerCase();
}

function chord(event) {
  if (event.altKey) return "";
  const modifiers = event.ctrlKey || event.metaKey ? `Ctrl+${event.shiftKey ? "Shift+" : ""}` : "";
  return modifiers + keyOf(event);
}

// A live region speaks only when its text changes.
export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

const isThere = (element) => !element.closest("[hidden], details:not([open]) .review-form");

function elementOf(name, near) {
  const all = [...(near?.form ?? document).querySelectorAll(`[data-act="${name}"]`)];
  if (!all.length && near?.form) return elementOf(name);
  // What the page says of an act comes before the bar, which is the same everywhere. A closed menu can be pressed too.
  all.sort((one, other) => Boolean(other.closest("main")) - Boolean(one.closest("main")));
  return all.find((element) => isThere(element) && element.checkVisibility()) ?? all.find(isThere);
}

function whyNot(element) {
  const reason = document.getElementById(element.getAttribute("aria-describedby"));
  return reason?.textContent.trim();
}

function press(element, label, texts) {
  if (element.disabled) return say(whyNot(element) || `${label}: ${texts.notHere}`);
  if (element.matches(TYPED_IN)) {
    element.focus();
    if (element.matches("input")) element.select();
    else element.setSelectionRange?.(element.value.length, element.value.length); // what comes is added
    return;
  }
  element.click();
  if (element.matches("input")) element.focus(); // its name and its new state are heard
  const pressed = element.getAttribute("aria-pressed");
  if (pressed) say(`${label}: ${pressed === "true" ? texts.on : texts.off}`);
}

function table(dialog) {
  const acts = [...dialog.querySelectorAll("[data-name]")].map((row) => ({
    name: row.dataset.name,
    keys: row.dataset.keys.split(" "),
    contexts: row.dataset.contexts.split(" "),
    repeats: "repeats" in row.dataset,
    label: row.nextElementSibling.textContent,
  }));
  return (key) => acts.filter((act) => act.keys.includes(key));
}

// True if something answers to the act.
function doAct({ name, label }, event, texts) {
  const handler = handlers.get(name);
  const element = handler ? null : elementOf(name, event.target);
  if (!handler && !element) return false;
  const answer = handler ? handler(event) : press(element, label, texts);
  if (answer === false) return false;
  if (typeof answer === "string") say(answer);
  return true;
}

export function startKeys(dialog) {
  const actsOf = table(dialog);
  onAct("help", () => {
    dialog.showModal();
    dialog.scrollTop = 0; // the focus is on its button, at the end
  });
  document.addEventListener("keydown", (event) => {
    const key = chord(event);
    const isPlain = !key.startsWith("Ctrl+");
    if (isPlain ? !isForThePage(event) : document.querySelector("dialog[open]")) return;
    if (key === "Enter" && event.target.closest(PRESSED_BY_ENTER)) return;
    const acts = actsOf(key);
    if (event.defaultPrevented || !acts.length) return;
    const wanted = acts.filter((act) => act.repeats || !event.repeat);
    if (wanted.some((act) => doAct(act, event, dialog.dataset))) return event.preventDefault();
    const missed = wanted.find((act) => act.contexts.includes(document.body.dataset.context));
    if (missed) say(`${missed.label}: ${dialog.dataset.notHere}`);
  });
  document.addEventListener("keydown", goFromChoiceToChoice);
}

// In a form that is signed an arrow moves the focus alone: a browser would choose, and nobody would have meant it.
function goFromChoiceToChoice(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const radio = event.target.closest(".review-form [type=radio]");
  if (!radio) return;
  event.preventDefault();
  const group = [...radio.form.querySelectorAll(`[type=radio][name="${radio.name}"]:enabled`)].filter(isThere);
  group.at((group.indexOf(radio) + step) % group.length).focus();
}
