// One case on the page. It draws what the case says, and tells the page what the person does.

import { NOT_GIVEN, OWN, SHARED } from "./batch.js";
import { proposedAccession } from "./names.js";
import { isOpen, may } from "./machine.js";
import { PictureRow } from "./picture.js";
import { fill, texts, titleOf } from "./text.js";

const template = document.getElementById("card-template");

export class Card {
  #rows = new Map(); // picture id → PictureRow

  // `acts`: what the page does with the case: changed, remove, separate, retry, cancel, confirm, takeOut, dropPicture, picked.
  constructor(item, page, acts) {
    Object.assign(this, { item, page, acts });
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.id = item.id;
    this.#listen();
    for (const select of this.element.querySelectorAll(".case-fields select")) this.#fillChoices(select);
    for (const label of this.element.querySelectorAll(".case-fields label")) {
      const field = label.parentElement.querySelector("[data-name]");
      label.htmlFor = field.id = `${item.id}-${field.dataset.name}`;
    }
  }

  #find = (selector) => this.element.querySelector(selector);

  #listen() {
    const { item, acts } = this;
    const click = (selector, act) => this.#find(selector).addEventListener("click", () => act(item));
    click(".remove", acts.remove);
    click(".separate", acts.separate);
    click(".retry", acts.retry);
    click(".cancel", acts.cancel);
    click(".confirm", acts.confirm);
    click(".details", () => this.open(this.#find(".case-fields").hidden));
    click(".propose", () => this.#take(this.proposal()));
    this.pick = this.#find(".pick");
    this.pick.addEventListener("change", acts.picked);
    // Enter in a field of one card must not send all of them.
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    });
    this.#find(".case-fields").addEventListener("input", (event) => {
      item.own[event.target.dataset.name] = event.target.value;
      acts.changed(item);
    });
  }

  #fillChoices(select) {
    const { name } = select.dataset;
    const choices = [...this.page.form.elements[name].options].filter((option) => option.value);
    const optional = name === "priority" || OWN.includes(name) ? [] : [new Option(texts.notGiven, NOT_GIVEN)];
    select.append(new Option("", ""), ...choices.map((option) => new Option(option.text, option.value)), ...optional);
  }

  open(isOpen) {
    this.#find(".case-fields").hidden = !isOpen;
    this.#find(".details").setAttribute("aria-expanded", isOpen);
  }

  // Opens the card where something is missing.
  focus(field) {
    if (field) this.open(true);
    const target = field ? this.#find(`[data-name=${field}]`) : this.pick;
    target.focus();
    target.scrollIntoView({ block: "center" });
  }

  proposal() {
    const { item } = this;
    if (item.own.accession_number || this.#header("accession") || !may(item, "change")) return null;
    const found = new Set(item.pictures.map((picture) => proposedAccession(picture.name)));
    return found.size === 1 ? [...found][0] : null;
  }

  #take(value) {
    this.item.own.accession_number = value;
    this.acts.changed(this.item);
  }

  #header(name) {
    return this.item.pictures.map((picture) => picture.header?.[name]).find(Boolean) ?? "";
  }

  draw(problems) {
    const { item } = this;
    this.element.className = `case ${item.state} ${item.pictures.length === 1 ? "single" : "several"}`;
    this.element.classList.toggle("missing", problems.length > 0 && isOpen(item));
    const title = titleOf(item, item.own.accession_number || this.#header("accession"));
    this.#find(".title").textContent = title;
    this.pick.setAttribute("aria-label", `${texts.select}: ${title}`);
    this.#drawPictures(problems);
    this.#drawSaid(problems);
    this.#drawTools();
    this.#drawQuestion();
    this.#drawFields();
  }

  #drawPictures(problems) {
    const { item } = this;
    const ids = item.pictures.map((picture) => picture.id);
    for (const [id, row] of this.#rows) if (!ids.includes(id)) this.#rows.delete(id), row.end();
    const rows = item.pictures.map((picture) => {
      if (!this.#rows.has(picture.id)) this.#rows.set(picture.id, new PictureRow(picture, item, this.page, this.acts));
      return this.#rows.get(picture.id);
    });
    rows.forEach((row, index) => row.draw(problems.find(({ picture }) => picture === row.picture), index + 1));
    const list = this.#find(".pictures");
    if (rows.some((row, index) => list.children[index] !== row.element)) list.replaceChildren(...rows.map((row) => row.element));
  }

  #drawSaid(problems) {
    const said = this.#find(".said");
    const text = this.#said(problems);
    if (said.textContent !== text) said.textContent = text;
    said.querySelector("a")?.remove();
    if (this.item.state === "accepted") said.append(" – ", this.page.linkTo(this.item.answer.id, texts.open));
    const progress = this.#find("progress");
    progress.hidden = this.item.state !== "sending";
    progress.value = this.item.progress;
    progress.setAttribute("aria-label", this.#find(".title").textContent);
  }

  #said(problems) {
    const { item } = this;
    if (item.state === "draft") {
      const own = problems.filter((problem) => !problem.picture).map(({ code }) => texts[code]);
      return own.length ? own.join(" ") : problems.length ? "" : [texts.draft, ...this.#values()].join(" · ");
    }
    if (item.state === "queued") return item.reason ? texts[item.reason] : texts.queued;
    return this.page.reasonFor(item) || texts[item.state];
  }

  // What the closed card says of its case.
  #values() {
    if (!this.#find(".case-fields").hidden) return [];
    const { batch, labelOf } = this.page;
    const names = ["body_part", "age_band", "sex"];
    return names.map((name) => labelOf(name, batch.valueOf(this.item, name))).filter(Boolean);
  }

  #drawTools() {
    const { item } = this;
    const changeable = may(item, "change");
    this.#find(".remove").hidden = !may(item, "remove") || item.state === "accepted"; // the summary counts it
    this.#find(".separate").hidden = !changeable || item.pictures.length < 2;
    this.#find(".cancel").hidden = !may(item, "stop");
    this.#find(".retry").hidden = !["unsent", "refused"].includes(item.state);
    this.pick.disabled = !changeable;
    if (!changeable) this.pick.checked = false;
    this.#find(".details").hidden = item.state === "accepted";
  }

  #drawQuestion() {
    const { state, error } = this.item;
    const question = this.#find(".question");
    question.hidden = state !== "asking";
    if (state !== "asking" || question.dataset.said === error.message) return;
    question.dataset.said = error.message;
    question.querySelector(".asked").textContent = error.message;
    const lines = (error.files ?? []).map((file) => Object.assign(document.createElement("li"), { textContent: file.reason }));
    question.querySelector("ul").replaceChildren(...lines);
  }

  #drawFields() {
    const { item } = this;
    const inherited = { body_part: this.#header("bodyPart"), accession_number: this.#header("accession") };
    for (const name of [...SHARED, ...OWN]) {
      const field = this.#find(`[data-name=${name}]`);
      const value = item.own[name] ?? "";
      if (field.value !== value) field.value = value;
      field.disabled = !may(item, "change");
      const shared = SHARED.includes(name) ? this.page.labelOf(name, this.page.batch.defaultsOf(item)[name]) : "";
      const hint = shared ? fill(texts.asForAll, { value: shared }) : inherited[name] ? fill(texts.asFile, { value: inherited[name] }) : "";
      if (field.options) field.options[0].text = hint || texts.notGiven;
      else if (hint || !OWN.includes(name) || name === "accession_number") field.placeholder = hint;
    }
    const proposal = this.proposal();
    const propose = this.#find("button.propose");
    propose.hidden = !proposal;
    propose.textContent = proposal ? fill(texts.takeName, { value: proposal }) : "";
  }

  end() {
    for (const row of this.#rows.values()) row.end();
    this.element.remove();
  }
}
