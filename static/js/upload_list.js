// The files on the page. What the list says is what is sent: each ends as sent, refused or not sent, and says so.
// States: ready, waiting, sending, sent, refused, unsent, unanswered; "removed" is no longer in the list.

const fill = (template, values) => template.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const element = (name, className = "", text = "") => Object.assign(document.createElement(name), { className, textContent: text });

export class FileList {
  #items = []; // {file, state, row, said, remove, answer, reason}

  constructor(form, texts) {
    this.form = form;
    this.texts = texts;
    this.list = document.getElementById("files");
  }

  add(files) {
    for (const file of files) {
      const item = { file, state: "ready" };
      this.#items.push(item);
      this.#draw(item);
    }
    this.count();
  }

  // What the next Send takes.
  open() {
    return this.#items.filter((item) => item.state !== "sent");
  }

  say(text) {
    document.getElementById("count").textContent = text;
  }

  count() {
    const waiting = ["sending", "waiting", "sent"];
    const ready = this.#items.filter((item) => !waiting.includes(item.state)).length;
    this.say(ready ? fill(this.texts.ready, { n: ready }) : "");
  }

  wait(items) {
    this.#forgetQuestion(items);
    for (const item of items) {
      item.own = this.#ownValues(item, items.length > 1);
      this.#mark(item, "waiting", this.texts.waiting);
    }
    this.count();
  }

  sending(items) {
    for (const item of items) {
      this.#mark(item, "sending", this.texts.sending);
      item.said.append(Object.assign(element("progress"), { max: 1, value: 0 }));
    }
  }

  progress(items, share) {
    for (const item of items) item.said.querySelector("progress").value = share;
  }

  reading(items) {
    for (const item of items) item.said.firstChild.textContent = this.texts.reading;
  }

  sent(items, answer) {
    for (const item of items) {
      item.answer = answer;
      this.#mark(item, "sent", this.texts.sent);
    }
  }

  refuse(items, error) {
    const fields = Object.entries(error.fields ?? {}).map(([name, texts]) => `${name}: ${texts.join(" ")}`);
    const general = [error.message, ...fields].join(" ");
    for (const item of items) {
      const own = error.files?.find((refusal) => refusal.file === item.file.name);
      this.#end(item, "refused", own?.reason ?? general);
    }
  }

  // It stays in the list for the next Send.
  leave(items, why) {
    for (const item of items) this.#end(item, "unsent", why);
  }

  unanswered(items) {
    for (const item of items) this.#end(item, "unanswered", this.texts.unanswered);
  }

  // The files stay where they are: the person answers, and chooses none of them again.
  ask(items, error, confirmed) {
    this.leave(items, this.texts.asked);
    const row = element("li", "question");
    row.setAttribute("role", "alert");
    const yes = element("button", "button", this.texts.belong);
    yes.type = "button";
    yes.addEventListener("click", () => confirmed(items));
    row.append(element("p", "", error.message));
    for (const file of error.files ?? []) row.append(element("p", "muted small", file.reason));
    row.append(yes);
    items.at(-1).row.after(row);
    for (const item of items) item.question = row;
    row.scrollIntoView({ block: "nearest" });
  }

  clearSent() {
    for (const item of this.#items.filter((item) => item.state === "sent")) this.#drop(item);
  }

  summarise() {
    const of = (state) => this.#items.filter((item) => item.state === state);
    const [sent, refused, unsent, unanswered] = ["sent", "refused", "unsent", "unanswered"].map(of);
    const parts = [fill(this.texts.done, { sent: sent.length, refused: refused.length })];
    if (unsent.length) parts.push(fill(this.texts.notSent, { n: unsent.length }));
    if (unanswered.length) parts.push(fill(this.texts.withoutAnswer, { n: unanswered.length }));
    const summary = document.getElementById("summary");
    summary.hidden = false;
    document.getElementById("summary-title").textContent = parts.join(", ");
    const bad = [...refused, ...unsent, ...unanswered].map((item) => {
      const text = item.reason.includes(item.file.name) ? item.reason : `${item.file.name}: ${item.reason}`;
      return element("li", "errors", text);
    });
    document.getElementById("summary-list").replaceChildren(...sent.map((item) => this.#summaryLine(item)), ...bad);
    if (!document.querySelector(".files .question")) summary.scrollIntoView({ block: "nearest" });
  }

  #summaryLine(item) {
    const line = element("li");
    line.append(`${item.file.name}: `, this.#link(item.answer.id, this.texts.open));
    const duplicate = item.answer.duplicates?.find((found) => found.file === item.file.name);
    if (duplicate) line.append(` – ${this.texts.duplicate}: `, this.#link(duplicate.earlier_case, this.texts.earlier));
    return line;
  }

  #link(id, text) {
    const link = element("a", "", text);
    link.href = this.form.dataset.case.replace("00000000-0000-0000-0000-000000000000", id);
    return link;
  }

  #draw(item) {
    const { file } = item;
    item.row = element("li", item.state);
    const preview = Object.assign(element("img", "preview"), { alt: "" });
    preview.addEventListener("error", () => preview.removeAttribute("src")); // it only says that it is a picture
    if (/^image\/(jpeg|png)$/.test(file.type)) preview.src = URL.createObjectURL(file);
    item.remove = Object.assign(element("button", "button small quiet", this.texts.remove), { type: "button" });
    item.remove.addEventListener("click", () => {
      this.#drop(item);
      this.count();
    });
    item.said = element("span", "said", `${(file.size / 1048576).toFixed(1)} MB, ${this.texts.isReady}`);
    item.choices = ["side", "projection"].map((name) => this.#choice(name, file.name));
    const own = element("span", "own");
    own.append(...item.choices);
    item.row.append(preview, element("span", "name", file.name), item.remove, item.said, own);
    this.list.append(item.row);
  }

  // The side or the projection of one file of a case, with the labels of the field for the whole case.
  #choice(name, fileName) {
    const field = this.form.elements[name];
    const choice = field.cloneNode(true);
    const label = field.labels[0].textContent;
    choice.removeAttribute("id");
    choice.removeAttribute("name"); // the form itself doesn't send it
    choice.setAttribute("aria-label", `${label}: ${fileName}`);
    choice.dataset.of = name;
    choice.options[0].textContent = label;
    choice.querySelector("[value=SEVERAL]")?.remove(); // one picture has one projection
    choice.value = "";
    return choice;
  }

  // What goes out with the file. A file that is a case of its own has the fields of the form.
  #ownValues(item, together) {
    return Object.fromEntries(item.choices.map((choice) => [choice.dataset.of, together ? choice.value : ""]));
  }

  #drop(item) {
    this.#forgetQuestion([item]);
    item.state = "removed";
    this.#items.splice(this.#items.indexOf(item), 1);
    URL.revokeObjectURL(item.row.querySelector(".preview").src);
    item.row.remove();
  }

  // A question about files that are no longer these files is none.
  #forgetQuestion(items) {
    for (const { question } of items) question?.remove();
    for (const item of this.#items) if (item.question && !item.question.isConnected) item.question = null;
  }

  #end(item, state, reason) {
    item.reason = reason;
    this.#mark(item, state, reason);
  }

  // What is under way or gone can't be taken back by removing it from the list.
  #mark(item, state, text) {
    item.state = state;
    item.row.className = state;
    item.remove.hidden = state === "sending" || state === "sent";
    for (const choice of item.choices) choice.disabled = ["waiting", "sending", "sent"].includes(state);
    item.said.textContent = text;
  }
}
