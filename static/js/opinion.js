// The form of an opinion: what is said of a fracture appears with one, "agree" fills in what the model says, and each
// answer has its key. Whoever fills the form in sends "filled" from it afterwards.

import { onAct } from "./keys.js";
import { openForm } from "./opinion_form.js";
import { startPlacesList } from "./opinion_places.js";

const FRACTURED = ["certain", "possible"];

const types = (form) => [...form.querySelectorAll("[name=classes]")];
const named = (form) => types(form).filter((box) => box.checked).map((box) => box.value);

function choose(form, name, value) {
  for (const radio of form.querySelectorAll(`[name=${name}]`)) radio.checked = radio.value === value;
}

const said = (form) => [form.elements.fracture.value, ...named(form)].join(" ");

export function startOpinion(form) {
  const agree = form.elements.agrees;
  const ofFracture = form.querySelector("[data-of-fracture]");
  const show = () => {
    const has = FRACTURED.includes(form.elements.fracture.value);
    ofFracture.hidden = ofFracture.disabled = !has; // what is disabled is not sent
  };
  form.addEventListener("input", (event) => {
    if (agree && event.target === agree && agree.checked) {
      const [fracture, ...classes] = agree.dataset.says.split(" ");
      choose(form, "fracture", fracture);
      for (const box of types(form)) box.checked = classes.includes(box.value);
    } else if (agree?.checked && agree.dataset.says !== said(form)) {
      agree.checked = false; // what the model says was changed
    }
    show();
  });
  form.addEventListener("filled", show);
  startPlacesList(form);
  show();
}

// Nothing answers to a key while the form is closed.
const ifOpen = (handler) => (event) => openForm() ? handler(event) : false;

// Of the answers that a press of their element does not give.
export function startOpinionKeys(form) {
  for (const box of types(form)) {
    onAct(box.dataset.act, ifOpen(() => {
      const answered = form.elements.fracture.value;
      if (answered && !FRACTURED.includes(answered)) return form.dataset.noTypes;
      if (!answered) choose(form, "fracture", "certain");
      box.checked = !box.checked;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }));
  }
  if (form.dataset.noSuggestion) {
    onAct("agree", () => form.dataset.noSuggestion);
    // Locking stays on the page: both keys that sign do it.
    onAct("sign", () => form.querySelector('[data-act="sign.next"]').click());
  }
  // A correction stays on the page: both keys that sign do it.
  if (form.id === "correction-form") {
    onAct("sign.next", ifOpen(() => form.querySelector('[data-act="sign"]').click()));
  }
  onAct("displaced", ifOpen(() => next(form, "displaced")));
  onAct("old", ifOpen(() => next(form, "old")));
}

// Yes, no, not said, and yes again.
function next(form, name) {
  if (!FRACTURED.includes(form.elements.fracture.value)) return form.dataset.noTypes;
  const choices = [...form.querySelectorAll(`[name=${name}]`)];
  const at = choices.findIndex((radio) => radio.checked);
  const chosen = choices.at((at + 1) % choices.length);
  chosen.checked = true;
  chosen.dispatchEvent(new Event("input", { bubbles: true }));
  chosen.focus();
}
