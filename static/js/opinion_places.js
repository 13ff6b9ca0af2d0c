// The places of an opinion: the hidden field keeps them as JSON, whoever draws writes it and sends "input" from it. This
// lists them in words, each with a button that removes it.

export function placesIn(form) {
  try {
    const places = JSON.parse(form.elements.places.value || "[]");
    return Array.isArray(places) ? places : [];
  } catch {
    return []; // typed by hand; the site says what is wrong with it
  }
}

// Sends "input", so that the draft is saved, the drawing follows, and the list too.
export function keepPlaces(form, places) {
  const field = form.elements.places;
  field.value = places.length ? JSON.stringify(places) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startPlacesList(form) {
  const list = form.querySelector("[data-places-list]");
  const { box, point, remove } = list.dataset;
  let shown = null;
  const show = () => {
    if (form.elements.places.value === shown) return;
    shown = form.elements.places.value;
    const places = placesIn(form);
    list.hidden = !places.length;
    list.replaceChildren(...places.map((place, at) => item(place, at, places)));
  };
  const item = (place, at, places) => {
    const row = document.createElement("li");
    const words = (place.width ? box : point).replace("{n}", place.image);
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
