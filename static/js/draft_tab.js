// The texts that this tab has and the site lacks. One leaves the list by being saved on the site, by being signed, or
// by the reader's choice, and in no other way. Signing out is such a choice: every page asks first (sign_out.js).

import { asRead } from "./length.js";
import { isEmpty } from "./draft_form.js";

const LET_GO = 10000; // ms for which a page that was to be left may still be there
const FRACTURED = ["certain", "possible"];
const TICKS = ["agrees", "critical"];
const SIDES = ["image", "x", "y", "width", "height"];
const NEAR = 0.00011; // places are signed with four digits

// What the form sends of a content: of a fracture only where one is said.
function said(content) {
  const { fracture = "", displaced = "", old = "", other_finding: other = "", comment = "" } = content;
  const words = [fracture, asRead(other), asRead(comment)];
  const ticked = TICKS.filter((name) => content[name]?.length);
  if (!FRACTURED.includes(fracture)) return { words: JSON.stringify(words), ticked, places: [] };
  const types = [...(content.classes ?? [])].sort();
  return { words: JSON.stringify([...words, displaced, old, types]), ticked, places: placesOf(content.places) };
}

function placesOf(text) {
  try {
    return JSON.parse(text || "[]").map((place) => SIDES.map((side) => place[side] ?? 0));
  } catch {
    return [[]]; // typed by hand: it can't be signed
  }
}

const isNear = (place, other) => SIDES.every((_, at) => Math.abs(place[at] - other[at]) < NEAR);
const isSaid = (one, other) =>
  one.words === other.words &&
  one.ticked.every((name) => other.ticked.includes(name)) &&
  one.places.length === other.places.length &&
  one.places.every((place, at) => isNear(place, other.places[at]));

// The keys of a person's texts in this tab: draft.person.case, and of a correction the review behind it.
export const keysOf = (person) => Object.keys(sessionStorage).filter((key) => key.startsWith(`draft.${person}.`));
export const caseOf = (key) => key.split(".")[2];
const correctedOf = (key) => key.split(".")[3];
// The address of a text's draft, from that of the case's.
export const addressOf = (url, key) => (correctedOf(key) ? `${url}?corrects=${correctedOf(key)}` : url);

// Each is {content, at, words, version, editor}. `words`: what it says, to be read where no form is. The first is the one
// that was in the form; it alone may have `version` and `editor`: of the site's draft that it was made from.
export class TabTexts {
  #key;
  #signed;
  #letGo = 0;

  constructor({ draft: key, signed = "[]" }) {
    this.#key = key;
    this.#signed = JSON.parse(signed).map(said); // the opinions of this reader on this case
  }

  get key() {
    return this.#key;
  }

  get all() {
    let texts = [];
    try {
      texts = JSON.parse(sessionStorage.getItem(this.#key));
    } catch {
      // of an older page
    }
    if (!Array.isArray(texts)) return [];
    return texts.filter(({ content }) => !isEmpty(content) && !this.#isSigned(content));
  }

  #isSigned(content) {
    const here = said(content);
    return this.#signed.some((signed) => isSaid(here, signed));
  }

  keep(texts) {
    if (texts.length) sessionStorage.setItem(this.#key, JSON.stringify(texts));
    else sessionStorage.removeItem(this.#key);
  }

  // The reader has chosen: they are not asked again.
  letGo() {
    this.#letGo = Date.now();
  }

  // A tab that is closed takes its texts along. Browsers ask only who has touched the page.
  warn(event) {
    if (Date.now() - this.#letGo < LET_GO) return;
    if (this.all.length && navigator.userActivation?.hasBeenActive) event.preventDefault();
  }
}
