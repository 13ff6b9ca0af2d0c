// What became of the cases, once nothing is under way: reasons once with their files, links to the cases, and a list to keep.

import { reasonsOf } from "./reasons.js";
import { fill, someOf, texts, titleOf } from "./text.js";

const element = (name, className = "", text = "") => Object.assign(document.createElement(name), { className, textContent: text });
const byId = (id) => document.getElementById(id);

export class Summary {
  sent = []; // accepted cases since the last time when all was sent

  constructor(linkTo) {
    this.linkTo = linkTo;
    byId("download").addEventListener("click", () => this.#download());
  }

  // Returns its title.
  show(cases) {
    const of = (...states) => cases.filter((item) => states.includes(item.state));
    const [refused, unsent] = [of("refused"), of("unsent", "asking")];
    this.late = [...refused, ...unsent];
    const parts = [fill(texts.done, { sent: this.sent.length, refused: refused.length })];
    if (unsent.length) parts.push(fill(texts.notSent, { n: unsent.length }));
    byId("summary-title").textContent = parts.join(", ");
    byId("summary").hidden = false;
    byId("download").hidden = !this.late.length;
    this.#showReasons();
    this.#showSent();
    if (!document.querySelector(".question:not([hidden])")) byId("summary").scrollIntoView({ block: "nearest" });
    return parts.join(", ");
  }

  // Thirty files with one reason are one line.
  #showReasons() {
    const filesOf = new Map();
    for (const { name, reason } of this.late.flatMap(reasonsOf)) {
      const said = reason.replaceAll(name, "…");
      filesOf.set(said, [...(filesOf.get(said) ?? []), { name, reason }]);
    }
    const blocks = [...filesOf.values()].map((found) => this.#reason(found));
    byId("summary-reasons").replaceChildren(...blocks);
  }

  #reason(found) {
    const [first] = found;
    const block = element("div", "reason");
    const names = found.map(({ name }) => name);
    if (found.length === 1) {
      block.append(element("p", "errors", first.reason.includes(first.name) ? first.reason : `${first.name}: ${first.reason}`));
    } else {
      block.append(element("p", "errors", first.reason.replaceAll(first.name, "…")), element("p", "muted small", someOf(names, 10)));
    }
    return block;
  }

  #showSent() {
    const list = byId("summary-cases");
    list.hidden = !this.sent.length;
    const [noted, plain] = [this.sent.filter(hasNotes), this.sent.filter((item) => !hasNotes(item))];
    list.open = this.sent.length <= 5 || noted.length > 0;
    list.querySelector("summary").textContent = fill(texts.sentCases, { n: this.sent.length });
    byId("summary-list").replaceChildren(...[...noted, ...plain].map((item) => this.#sentLine(item)));
  }

  #sentLine(item) {
    const line = element("li");
    const { answer } = item;
    line.append(`${titleOf(item, answer.accession_number)}: `, this.linkTo(answer.id, texts.open));
    for (const { earlier_case, same, outcome } of answer.duplicates ?? []) {
      const said = texts[outcome] ?? (same === "instance" ? texts.sameInstance : texts.duplicate);
      line.append(` – ${said}: `, this.linkTo(earlier_case, texts.earlier));
    }
    for (const { message } of answer.header_contradicts ?? []) line.append(element("br"), message);
    for (const { message, earlier_case } of answer.patient_contradicts ?? []) {
      line.append(element("br"), `${message} `, this.linkTo(earlier_case, texts.earlier));
    }
    return line;
  }

  #download() {
    const rows = this.late.flatMap((item) =>
      reasonsOf(item).map(({ name, reason }) => [name, item.own.accession_number ?? "", texts[item.state], reason]),
    );
    const text = [texts.csv.split(","), ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" })); // the mark tells Excel that it is UTF-8
    Object.assign(document.createElement("a"), { href: url, download: "not-taken.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

// The site took it, and says something that the sender should look at.
const NOTES = ["duplicates", "header_contradicts", "patient_contradicts"];
const hasNotes = ({ answer }) => NOTES.some((name) => answer[name]?.length > 0);

// A file's name may begin like a formula, and a spreadsheet would run it.
const cell = (text) => `"${String(text).replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
