// Saves what is written in a form 2 s after the last key, and when the page is left. What the site lacks is kept in this
// tab. Of two texts the reader chooses one: neither overwrites the other unasked.

import { fill, now } from "./connection.js";
import { areAlike, DraftForm, isEmpty } from "./draft_form.js";
import { get, newEditor, NotSaved, put } from "./draft_site.js";
import { goesOn } from "./going_on.js";

const PAUSE = 2000; // ms after the last key
const AGAIN = 5000; // ms between tries while it can't be saved
const SUBMITTED = 10000; // ms for which a form that was sent is the site's to keep

const clock = (when) =>
  new Date(when).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class DraftKeeper {
  #form;
  #fields;
  #place; // what is said of it, and its texts
  #tab; // the texts that the site lacks
  #others; // the texts that are offered beside the form's: {content, at}
  #at; // when the form's text was written
  #restored; // the content that the tab brought: its save may still be on its way
  #version; // of the site's draft that the form's text was made from
  #editor = newEditor();
  #saved; // the content that the site has
  #timer;
  #saving = null; // the save that is on its way
  #ended = false; // signed: the site takes no draft any more
  #submitted = 0;

  constructor(form, place, tab) {
    this.#form = form;
    this.#fields = new DraftForm(form, place.dataset.fields.split(" "));
    this.#place = place;
    this.#tab = tab;
    this.#others = tab.all;
    this.#at = now().toISOString();
    const { behind, version } = place.dataset; // it came with a text that the site did not take
    this.#saved = behind === undefined ? this.#fields.asItCame : {};
    this.#version = (behind !== "newer" && version) || null;
    if (behind === "newer") this.#meetOther();
    else this.#reconcile();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => this.#submit());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave() : this.#retry()));
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("beforeunload", (event) => this.#warn(event));
    window.addEventListener("online", () => this.#retry());
  }

  get #dirty() {
    return !areAlike(this.#fields.content, this.#saved);
  }

  // Whether a save would replace a text on the site that the form's was not made from.
  get #asks() {
    return this.#others.some(({ content }) => areAlike(content, this.#saved));
  }

  changed() {
    this.#at = now().toISOString();
    this.#keepInTab();
    this.#later(PAUSE);
  }

  // A signature that is refused saves what was typed, unless another page has saved since.
  #submit() {
    this.#submitted = Date.now();
    const { draft_version: version, draft_editor: editor } = this.#form.elements;
    version.value = (!this.#asks && this.#version) || "";
    editor.value = this.#asks ? "" : this.#editor;
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), pause);
  }

  #keepInTab() {
    const made = this.#asks ? {} : { version: this.#version, editor: this.#editor };
    const here = { ...made, content: this.#fields.content, at: this.#at };
    const lacking = [here, ...this.#others].filter(({ content }) => !areAlike(content, this.#saved));
    this.#tab.keep(lacking.map((text) => ({ ...text, words: this.#fields.words(text.content) })));
  }

  // What this tab has and the site lacks, beside what the site has: one of them is in the form, and the others are
  // offered. That is the tab's if it was made from the site's, or is newer.
  #reconcile() {
    const { editor, savedAt, version } = this.#place.dataset;
    this.#others = this.#others.filter(({ content }) => !areAlike(content, this.#saved));
    const [first] = this.#others;
    const follows = first && (!savedAt || first.version === version || first.editor === editor);
    if (this.#dirty) this.#later(PAUSE); // somebody wrote before this script came
    else if (follows || (first && new Date(first.at) > new Date(savedAt))) {
      this.#others.shift();
      if (!follows) this.#others.push({ content: this.#saved, at: savedAt });
      this.#restored = first.content;
      this.#at = first.at;
      this.#fields.fill(first.content);
      this.#form.dataset.unread = "";
      this.#state(this.#dirty ? fill(this.#place.dataset.restored, { here: clock(first.at) }) : "");
      this.#later(0);
    } else if (savedAt) this.#at = savedAt;
    this.#offer();
  }

  // Answers once no save is on its way, and what could be saved is.
  async settle() {
    await this.#saving;
    await this.#save();
  }

  #save(leaving = false) {
    clearTimeout(this.#timer);
    if (this.#ended || this.#asks || !this.#dirty || (this.#saving && !leaving)) return null;
    return (this.#saving = this.#send(leaving));
  }

  async #send(leaving) {
    const content = this.#fields.content;
    try {
      const draft = { content, version: this.#version, editor: this.#editor };
      this.#confirmed(content, await put(this.#place.dataset.url, draft, leaving));
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      await this.#notSaved(error);
    } finally {
      this.#saving = null;
    }
  }

  #confirmed(content, draft) {
    this.#version = draft?.version ?? null;
    this.#saved = content;
    this.#offer();
    this.#trouble("");
    this.#state(draft ? fill(this.#place.dataset.saved, { time: clock(draft.saved_at) }) : "");
    if (this.#dirty) this.#later(PAUSE);
  }

  async #notSaved({ why, code, message }) {
    if (code === "draft_newer") return this.#meetOther();
    if (code === "draft_signed") {
      if (this.#isSubmitted) return; // by this page
      this.#ended = true;
      this.#saved = {};
      this.#offer();
    }
    this.#state("");
    this.#trouble(fill(this.#place.dataset[this.#ended ? "signed" : why], { why: message }));
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
    const isOwn = [this.#fields.content, this.#restored ?? {}].some((content) => areAlike(content, this.#saved));
    if (other && !isOwn && !this.#asks) this.#others.unshift({ content: other.content, at: other.saved_at });
    this.#state("");
    this.#trouble("");
    this.#offer();
    this.#later(0);
  }

  // Each text can be looked at before one is kept.
  #offer() {
    const here = this.#fields.content;
    this.#others = this.#others.filter(({ content }) => !isEmpty(content) && !areAlike(content, here));
    this.#keepInTab();
    const box = this.#form.querySelector("[data-draft-choice]");
    const [next, keep] = box.querySelectorAll("button");
    const { length: count, 0: first } = this.#others;
    box.hidden = count === 0;
    if (count === 0) return;
    const texts = this.#place.dataset;
    const there = this.#others.find(({ content }) => areAlike(content, this.#saved));
    const times = { here: clock(this.#at), time: clock((there ?? first).at) };
    box.querySelector("p").textContent = fill(there ? texts.there : texts.here, times);
    next.textContent = count > 1 ? fill(texts.next, { count: count + 1 }) : texts.take;
    keep.textContent = count > 1 ? texts.keepOne : texts.keep;
    next.onclick = () => this.#show(this.#others[0]);
    keep.onclick = () => this.#keepThis();
  }

  #show(text) {
    this.#others = [...this.#others.slice(1), { content: this.#fields.content, at: this.#at }];
    this.#at = text.at;
    this.#fields.fill(text.content);
    this.#state("");
    this.#offer();
    this.#later(0);
  }

  #keepThis() {
    this.#others = [];
    this.#offer();
    this.#later(0);
    this.#form.elements.comment?.focus();
  }

  #leave() {
    if (!this.#isSubmitted) this.#save(true);
  }

  // Nobody knows yet whether what was typed last can be saved. Another page of this tab would find it in the tab's list.
  #warn(event) {
    const isOnItsWay = this.#dirty && !goesOn();
    if (!this.#isSubmitted && (this.#others.length || this.#isInTrouble || isOnItsWay)) this.#tab.warn(event);
  }

  #retry() {
    if (this.#isInTrouble) this.#later(0);
  }

  get #isSubmitted() {
    return Date.now() - this.#submitted < SUBMITTED;
  }

  get #isInTrouble() {
    return this.#place.querySelector("[data-draft-trouble]").textContent !== "";
  }

  #state(text) {
    this.#place.querySelector("[data-draft-state]").textContent = text;
  }

  #trouble(text) {
    const place = this.#place.querySelector("[data-draft-trouble]");
    if (place.textContent !== text) place.textContent = text; // a live region speaks when its text changes
  }
}
