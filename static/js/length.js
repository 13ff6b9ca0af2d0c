// Fields with data-most: how long their text is, counted as the site counts it. A counter shows near the end, is read out
// by a screen reader, and a text that is too long is refused here as there.

const NEAR = 0.9; // of what is accepted: from here on the counter shows
const LEFT = [200, 100, 50, 20, 10, 0]; // characters: a screen reader hears when fewer are left
const PAUSE = 700; // ms after a key: who types is not interrupted

const { dataset: texts } = document.getElementById("length") ?? { dataset: {} };
const number = new Intl.NumberFormat(document.documentElement.lang || "en");
const fill = (template, values) => template.replace(/%\((\w+)\)s/g, (_, name) => number.format(values[name]));
// What Python's strip() takes away: not the byte order mark, which trim() takes, but four separators and NEL.
const AROUND = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;
const isStable = (sign) => sign.normalize("NFC") === sign;

// As `as_read` in accounts/texts.py: line breaks count once, letters are composed, blanks around the text don't count.
export function asRead(text) {
  const lines = text.replace(/\r\n?/g, "\n");
  if (isStable(lines)) return lines.replace(AROUND, "");
  const parts = []; // runs of signs that NFC leaves alone where they stand alone, and of others
  for (const sign of lines) {
    const stable = isStable(sign);
    if (parts.at(-1)?.stable === stable) parts.at(-1).text += sign;
    else parts.push({ stable, text: sign });
  }
  return parts
    .map(({ stable, text: part }) => (stable ? part.normalize("NFC") : part))
    .join("")
    .replace(AROUND, "");
}

// Characters: code points, so that an emoji of one code point counts once. Server and database count so too.
export const lengthOf = (text) => [...asRead(text)].length;

const counters = new WeakMap();

function counterOf(field) {
  if (counters.has(field)) return counters.get(field);
  const shown = Object.assign(document.createElement("p"), { className: "hint count", hidden: true, id: `${field.id}-count` });
  const heard = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  heard.setAttribute("role", "status");
  field.after(shown, heard);
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), shown.id].filter(Boolean).join(" "));
  const counter = { shown, heard, said: LEFT[0] + 1, timer: 0 };
  counters.set(field, counter);
  return counter;
}

function count(field) {
  const most = Number(field.dataset.most);
  field.removeAttribute("maxlength"); // it counts halves of some characters; what is typed is never cut off
  const given = lengthOf(field.value);
  if (given < most * NEAR && !counters.has(field)) return;
  const { shown, ...rest } = counterOf(field);
  const values = { count: given, most, left: most - given, over: given - most };
  const text = given > most ? fill(texts.over, values) : fill(texts.near, values);
  shown.hidden = given < most * NEAR;
  shown.textContent = text;
  shown.classList.toggle("late", given > most);
  field.setCustomValidity(given > most ? text : "");
  say(field, rest, values);
}

// Not each key: at some numbers that are left, and when it becomes too long.
function say(field, { heard }, { left }) {
  const counter = counters.get(field);
  const step = left < 0 ? -1 : LEFT.findLast((number) => left <= number) ?? LEFT[0] + 1;
  if (step === counter.said) return;
  counter.said = step;
  clearTimeout(counter.timer);
  const text = step < 0 ? texts.tooLong : step > LEFT[0] ? "" : fill(texts.left, { left });
  counter.timer = setTimeout(() => (heard.textContent = text), PAUSE);
}

const countAll = (root) => root.querySelectorAll("[data-most]").forEach(count);
document.addEventListener("input", ({ target }) => target.matches?.("[data-most]") && count(target));
document.addEventListener("filled", ({ target }) => countAll(target)); // by a script: a draft
countAll(document);
