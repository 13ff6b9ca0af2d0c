// One picture of a case: what it is, its side and projection, and what is wrong with it.

import { reasonOf } from "./answers.js";
import { may } from "./machine.js";
import { sizeOf, texts } from "./text.js";

const template = document.getElementById("picture-template");
export const DRAGGED = "application/x-callus-picture"; // what is dragged is a picture of this page

export class PictureRow {
  constructor(picture, item, page, acts) {
    Object.assign(this, { picture, item, page });
    this.element = template.content.firstElementChild.cloneNode(true);
    this.#preview();
    this.#find(".name").textContent = picture.name;
    this.#find(".size").textContent = picture.file.size ? sizeOf(picture.file) : "";
    this.choices = [...this.element.querySelectorAll("select")];
    for (const choice of this.choices) this.#startChoice(choice, acts);
    this.#find(".take-out").addEventListener("click", () => acts.takeOut(picture));
    this.#find(".drop-picture").addEventListener("click", () => acts.dropPicture(this.item, picture));
    this.#startDrag();
  }

  #find = (selector) => this.element.querySelector(selector);

  #preview() {
    const preview = this.#find(".preview");
    preview.addEventListener("error", () => preview.removeAttribute("src")); // it only says that it is a picture
    if (/^image\/(jpeg|png)$/.test(this.picture.file.type)) preview.src = URL.createObjectURL(this.picture.file);
  }

  #startDrag() {
    const grip = this.#find(".grip");
    grip.draggable = true;
    grip.addEventListener("dragstart", (event) => {
      if (!may(this.item, "change")) return event.preventDefault();
      event.dataTransfer.setData(DRAGGED, this.picture.id);
      event.dataTransfer.effectAllowed = "move";
    });
  }

  #startChoice(choice, acts) {
    const field = this.page.form.elements[choice.dataset.name];
    choice.dataset.label = field.labels[0].textContent;
    choice.setAttribute("aria-label", `${choice.dataset.label}: ${this.picture.name}`);
    const known = [...field.options].filter((option) => option.value && option.value !== "SEVERAL"); // one picture has one
    choice.append(new Option(choice.dataset.label, ""), ...known.map((option) => new Option(option.text, option.value)));
    choice.addEventListener("input", () => {
      this.picture[choice.dataset.name] = choice.value;
      acts.changed(this.item);
    });
  }

  draw(problem, position) {
    const { item, picture, page } = this;
    const changeable = may(item, "change");
    const inHeader = { side: picture.header?.laterality, projection: picture.header?.view };
    for (const choice of this.choices) {
      const { name, label } = choice.dataset;
      const inherited = page.labelOf(name, page.batch.defaultsOf(item)[name] || inHeader[name]) || inHeader[name];
      choice.options[0].text = inherited ? `${label}: ${inherited}` : label;
      choice.value = picture[name];
      choice.disabled = !changeable;
    }
    const several = item.pictures.length > 1 && changeable;
    this.#find(".take-out").hidden = !several;
    this.#find(".drop-picture").hidden = !several;
    const reason = item.state === "refused" && item.error ? reasonOf(item.error, picture, position) : "";
    this.#find(".fault").textContent = problem ? texts[problem.code] : item.pictures.length > 1 ? reason : "";
    this.element.classList.toggle("faulty", Boolean(problem || reason));
  }

  end() {
    URL.revokeObjectURL(this.#find(".preview").src);
    this.element.remove();
  }
}
