// What a form holds, as a draft keeps it: name of a field → its text, or a list of texts for boxes to tick.

import { asRead } from "./length.js";
import { placesInWords } from "./opinion_places.js";

const SEEN = "prediction"; // what the reader saw, no statement of theirs
const OF_THE_MODEL = ["agrees", "fracture", "classes"];

function isSame(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked === field.defaultChecked;
  if (!field.matches("select")) return field.value === field.defaultValue;
  const first = Math.max(0, [...field.options].findLastIndex((option) => option.defaultSelected));
  return field.selectedIndex === first;
}

// Whether nobody has written or chosen anything in the form, or in those of a part of the page, since it came. What was
// written before the scripts came counts too.
export function isAsItCame(part) {
  return [...part.querySelectorAll("input, textarea, select")].every(isSame);
}

// "Displaced: Yes"; the keys, which stand there too, are left out.
function labelOf(field) {
  const label = field.labels[0];
  const of = field.closest("[data-yes-or-no]")?.firstElementChild.firstChild.textContent.trim();
  const text = (label?.querySelector("span") ?? label?.firstElementChild?.nextSibling ?? label)?.textContent.trim();
  return of ? `${of}: ${text}` : text;
}

// The fields of a form that a draft keeps: those whose names the site says.
export class DraftForm {
  #form;
  #names;

  constructor(form, names) {
    this.#form = form;
    this.#names = names;
  }

  get #fields() {
    return [...this.#form.elements].filter((field) => this.#names.includes(field.name));
  }

  get content() {
    return this.#read("checked", "value");
  }

  // What it held as it came from the site.
  get asItCame() {
    return this.#read("defaultChecked", "defaultValue");
  }

  // What a content says, as a person would copy it.
  words(content) {
    const words = [];
    for (const field of this.#fields) {
      const given = content[field.name] ?? "";
      if (field.matches("[type=checkbox], [type=radio]")) {
        if (field.value && [given].flat().includes(field.value)) words.push(labelOf(field));
      } else if (field.name === "places") words.push(...placesInWords(this.#form, given));
      else if (field.type !== "hidden" && given) words.push(given);
    }
    return words.join("\n");
  }

  #read(checked, value) {
    const content = {};
    for (const field of this.#fields) {
      if (field.type === "checkbox") {
        content[field.name] ??= [];
        if (field[checked]) content[field.name].push(field.value);
      } else if (field.type === "radio") {
        content[field.name] ??= "";
        if (field[checked]) content[field.name] = field.value;
      } else content[field.name] = field[value];
    }
    return content;
  }

  fill(content) {
    for (const field of this.#fields) {
      if (field.name === SEEN) continue; // the page's own: it must not claim that another one was seen
      const given = content[field.name] ?? "";
      if (field.type === "checkbox") field.checked = given.includes(field.value);
      else if (field.type === "radio") field.checked = field.value === given && !field.disabled;
      else field.value = given;
    }
    // "Agree" was with one prediction: with another one the reader has not agreed.
    // Nor have they chosen what agreeing had filled in.
    const isAnother = (content[SEEN] ?? "") !== (this.#form.elements[SEEN]?.value ?? "");
    if (content.agrees?.length && isAnother) {
      for (const field of this.#fields) if (OF_THE_MODEL.includes(field.name)) field.checked = false;
    }
    // A first reading was no answer to what the form shows after it was locked.
    if (isAnother && this.#form.dataset.answersAgain !== undefined) {
      for (const field of this.#fields) if (field.name === "fracture") field.checked = false;
    }
    this.#form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
  }
}

// As the site keeps it, which takes blanks away.
const written = (content) =>
  Object.entries(content)
    .map(([name, value]) => [name, typeof value === "string" ? asRead(value) : value])
    .filter(([name, value]) => name !== SEEN && value.length)
    .sort();

export const isEmpty = (content) => written(content).length === 0;
export const areAlike = (one, other) => JSON.stringify(written(one)) === JSON.stringify(written(other));
