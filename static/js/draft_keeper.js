// Saves what is written in a form 2 s after the last key, and when the page is left. Until the site has confirmed it,
// it is kept in this tab too. Of two pages that write one draft the later one asks, and neither overwrites the other.

import { fill, now } from "./connection.js";
import { areAlike, DraftForm, isEmpty } from "./draft_form.js";
import { forgetInTab, get, keepInTab, newEditor, NotSaved, put, tabCopy } from "./draft_site.js";

const PAUSE = 2000; // ms after the last key
const AGAIN = 5000; // ms between tries while it can't be saved
const SUBMITTED = 10000; // ms for which a form that was sent is the site's to keep

const clock = (when) =>
  new Date(when).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class DraftKeeper {
  #form;
  #fields;
  #place; // what is said of it, and its texts
  #key; // of the tab's copy
  #version; // of the site's draft that this page follows
  #editor = newEditor();
  #saved; // the content that the site has
  #timer;
  #saving = false;
  #asked = false; // nothing is saved before the reader has chosen between two texts
  #other = null; // the text that is offered beside the form's
  #ended = false; // signed: there is no draft any more
  #submitted = 0;

  constructor(form, place, key) {
    this.#form = form;
    this.#fields = new DraftForm(form, place.dataset.fields.split(" "));
    this.#place = place;
    this.#key = key;
    this.#version = place.dataset.version || null;
    this.#saved = this.#fields.asItCame;
    const copy = tabCopy(key);
    if (place.dataset.behind !== undefined) this.#meetOther();
    else if (copy) this.#reconcile(copy);
    else if (this.#dirty) this.changed(); // somebody wrote before this script came
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => this.#submit());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave() : this.#retry()));
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("online", () => this.#retry());
    document.querySelector("[data-sign-out]")?.addEventListener("submit", (event) => this.#beforeSignOut(event), true);
  }

  get #dirty() {
    return !this.#ended && !areAlike(this.#fields.content, this.#saved);
  }

  changed() {
    this.#keepInTab();
    this.#later(PAUSE);
  }

  // A signature that is refused saves what was typed, unless another page has saved since.
  #submit() {
    this.#submitted = Date.now();
    const { draft_version: version, draft_editor: editor } = this.#form.elements;
    version.value = (!this.#asked && this.#version) || "";
    editor.value = this.#asked ? "" : this.#editor;
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), pause);
  }

  // `left`: what is offered and the site does not have.
  #keepInTab() {
    const left = this.#other && !areAlike(this.#other, this.#saved) ? this.#other : null;
    if (!this.#dirty && !left) return forgetInTab(this.#key);
    const version = this.#asked ? null : this.#version; // nobody has chosen between the two yet
    const copy = { content: this.#fields.content, left, version, editor: this.#editor, at: now().toISOString() };
    keepInTab(this.#key, copy);
  }

  // What this tab wrote and the site did not confirm, beside what the site has: the newest is in the form, and
  // the other one is offered. What another page has saved is never replaced unasked.
  #reconcile(copy) {
    const left = copy.left && !areAlike(copy.left, this.#saved) ? copy.left : null;
    if (areAlike(copy.content, this.#saved)) {
      if (!left) return forgetInTab(this.#key);
      return this.#offer(this.#place.dataset.left, left);
    }
    const { editor, savedAt } = this.#place.dataset;
    const times = { here: clock(copy.at), time: clock(savedAt) };
    const follows = (copy.version ?? "") === (this.#version ?? "") || copy.editor === editor;
    if (follows) this.#editor = copy.editor; // its last save may still be on its way
    if (follows || !savedAt) {
      this.#fields.fill(copy.content);
      if (!this.#dirty && !left) return forgetInTab(this.#key); // it was the first reading's, which is locked
      this.#state(fill(this.#place.dataset.restored, times));
      if (left) this.#offer(this.#place.dataset.left, left);
      this.#later(0);
    } else if (copy.at > new Date(savedAt).toISOString()) {
      this.#asked = true;
      this.#fields.fill(copy.content);
      this.#offer(fill(this.#place.dataset.hereNewer, times), left ?? this.#saved);
    } else this.#offer(fill(this.#place.dataset.thereNewer, times), copy.content);
  }

  async #save(leaving = false) {
    clearTimeout(this.#timer);
    if (this.#asked || !this.#dirty || (this.#saving && !leaving)) return;
    const content = this.#fields.content;
    this.#saving = true;
    try {
      const draft = { content, version: this.#version, editor: this.#editor };
      this.#confirmed(content, await put(this.#place.dataset.url, draft, leaving));
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      await this.#notSaved(error);
    } finally {
      this.#saving = false;
    }
  }

  #confirmed(content, draft) {
    this.#version = draft?.version ?? null;
    this.#saved = content;
    this.#keepInTab();
    this.#trouble("");
    this.#state(draft ? fill(this.#place.dataset.saved, { time: clock(draft.saved_at) }) : "");
    if (this.#dirty) this.#later(PAUSE);
  }

  async #notSaved({ why, code, message }) {
    if (code === "draft_signed") {
      this.#ended = true;
      return forgetInTab(this.#key);
    }
    if (code === "draft_newer") return this.#meetOther();
    this.#state("");
    this.#trouble(fill(this.#place.dataset[why], { why: message }));
    if (why !== "refused") this.#later(AGAIN); // what is refused waits for the next key
  }

  async #meetOther() {
    let other = null;
    try {
      other = await get(this.#place.dataset.url);
    } catch (error) {
      if (error.code !== "not_found") return this.#later(AGAIN);
    }
    this.#version = other?.version ?? null;
    this.#saved = other?.content ?? {};
    if (!other || areAlike(other.content, this.#fields.content)) return this.#later(0);
    this.#asked = true;
    this.#state("");
    this.#offer(fill(this.#place.dataset.newer, { time: clock(other.saved_at) }), other.content);
    this.#keepInTab();
  }

  // The other text can be looked at and taken, and so can this one again.
  #offer(text, other) {
    this.#other = other;
    const box = this.#form.querySelector("[data-draft-choice]");
    const [swap, keep] = box.querySelectorAll("button");
    swap.textContent = this.#place.dataset.take;
    keep.textContent = this.#place.dataset.keep;
    box.querySelector("p").textContent = text;
    box.hidden = false;
    swap.onclick = () => {
      const mine = this.#fields.content;
      this.#fields.fill(this.#other);
      this.#other = mine;
      if (this.#asked) this.#keepInTab();
      else this.changed();
    };
    keep.onclick = () => {
      this.#asked = false;
      this.#other = null;
      box.hidden = true;
      this.changed();
      this.#later(0);
      this.#form.elements.comment?.focus();
    };
  }

  #leave() {
    if (Date.now() - this.#submitted > SUBMITTED) this.#save(true);
  }

  #retry() {
    if (this.#place.querySelector("[data-draft-trouble]").textContent) this.#later(0);
  }

  async #beforeSignOut(event) {
    if (!this.#dirty || this.#asked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await this.#save();
    this.#ended = true; // it goes out now, saved or not
    event.target.requestSubmit();
  }

  #state(text) {
    this.#place.querySelector("[data-draft-state]").textContent = text;
  }

  #trouble(text) {
    const place = this.#place.querySelector("[data-draft-trouble]");
    if (place.textContent !== text) place.textContent = text; // a live region speaks when its text changes
  }
}

// On a page without a form: what this tab wrote and the site has not is sent, and then shown as the rest is.
export async function sendWhatIsLeft(place, key) {
  const copy = tabCopy(key);
  if (!copy || isEmpty(copy.content)) return forgetInTab(key);
  const { url, savedAt } = place.dataset;
  const isNewer = !savedAt || copy.at > new Date(savedAt).toISOString();
  try {
    // What this tab had read, not what the page has now: another tab's draft is never replaced unasked.
    if (isNewer) await put(url, { content: copy.content, version: copy.version, editor: copy.editor });
    forgetInTab(key);
    if (isNewer) location.reload();
  } catch (error) {
    if (error.why === "refused") forgetInTab(key); // signed, or nothing that this person could ever sign
  }
}

export function startCopy() {
  const button = document.querySelector("[data-copy]");
  if (!button || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}
