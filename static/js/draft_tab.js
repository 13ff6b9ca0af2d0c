// The texts that this tab has and the site lacks. One leaves the list by being saved on the site, by being signed, or
// by the reader's choice, and in no other way.

import { asRead } from "./length.js";
import { isEmpty } from "./draft_form.js";

const SIGNED = ["fracture", "displaced", "old", "other_finding", "comment"];
const said = (content) =>
  JSON.stringify([...SIGNED.map((name) => asRead(content[name] ?? "")), [...(content.classes ?? [])].sort()]);

// Each is {content, at, words, version, editor}. `words`: what it says, to be read where no form is. The first is the one
// that was in the form; it alone may have `version` and `editor`: of the site's draft that it was made from.
export class TabTexts {
  #key;
  #signed;

  constructor({ draft: key, signed = "[]" }) {
    this.#key = key;
    this.#signed = JSON.parse(signed).map(said); // the opinions of this reader on this case
  }

  get all() {
    let texts = [];
    try {
      texts = JSON.parse(sessionStorage.getItem(this.#key));
    } catch {
      // of an older page
    }
    if (!Array.isArray(texts)) return [];
    return texts.filter(({ content }) => !isEmpty(content) && !this.#signed.includes(said(content)));
  }

  keep(texts) {
    if (texts.length) sessionStorage.setItem(this.#key, JSON.stringify(texts));
    else sessionStorage.removeItem(this.#key);
  }

  // A tab that is closed takes its texts along. Browsers ask only who has touched the page.
  warn(event) {
    if (this.all.length && navigator.userActivation?.hasBeenActive) event.preventDefault();
  }
}
