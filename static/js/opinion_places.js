// The places of an opinion: the hidden field keeps them as JSON, whoever draws writes it and sends "input" from it. This
// lists them in words, each with a button that removes it.

export const placesIn = (form) => placesOf(form.elements.places.value);

function placesOf(text) {
  try {
    const places = JSON.parse(text || "[]");
    return Array.isArray(places) ? places : [];
  } catch {
    return []; // typed by hand; the site says what is wrong with it
  }
}

// "box on picture 2", of each place in a text.
export function placesInWords(form, text) {
  const { box, point } = form.querySelector("[data-places-list]").dataset;
  return placesOf(text).map(({ width, image }) => (width ? box : point).replace("{n}", image));
}

// Sends "input", so that the draft is saved, the drawing follows, and the list too.
export function keepPlaces(form, places) {
  const field = form.elements.places;
  field.value = places.length ? JSON.stringify(places) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startPlacesList(form) {
  const list = form.querySelector("[data-places-list]");
  const { remove } = list.dataset;
  let shown = null;
  const show = () => {
    if (form.elements.places.value === shown) return;
    shown = form.elements.places.value;
    const places = placesIn(form);
    list.hidden = !places.length;
    list.replaceChildren(...placesInWords(form, shown).map((words, at) => item(words, at, places)));
  };
  const item = (words, at, places) => {
    const row = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small" });
    button.textContent = remove;
    button.setAttribute("aria-label", `${remove}: ${words}`);
    button.addEventListener("click", () => {
      keepPlaces(form, places.filter((_, other) => other !== at));
      list.querySelector("button")?.focus();
    });
    row.append(words, button);
    return row;
  };
  for (const name of ["input", "filled"]) form.addEventListener(name, show);
  show();
}
