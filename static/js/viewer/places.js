// Places that the reader draws for the opinion: a box by a drag, a point by a click, gone by a click on it. They are
// kept in the form's hidden field, as fractions of the picture.

import { say } from "../keys.js";
import { openForm } from "../opinion_form.js";
import { drawn } from "./measures.js";

const NEAR = 10; // CSS pixels

const field = () => openForm()?.elements.places;
// Where no fracture is said, the form sends no place.
const isSent = () => field()?.matches(":enabled") ?? false;

// A place says that there is a fracture, as a type does. False where the form says that there is none.
function saysFracture() {
  const { form } = field();
  if (isSent()) return true;
  const certain = form.querySelector("[name=fracture][value=certain]");
  if (form.elements.fracture?.value || !certain) {
    say(form.dataset.noTypes ?? "");
    return false;
  }
  certain.checked = true;
  certain.dispatchEvent(new Event("input", { bubbles: true }));
  return isSent();
}

export function startPlaces(pane) {
  const layer = Object.assign(document.createElement("div"), { className: "measures own-places" });
  const svg = layer.appendChild(drawn("svg", { "aria-hidden": "true" }));
  pane.frame.append(layer);
  let start = null, current = null;

  const all = () => {
    try {
      return isSent() ? JSON.parse(field().value || "[]") : [];
    } catch {
      return []; // what was typed by hand; the site says what is wrong with it
    }
  };
  const keep = (places) => {
    field().value = places.length ? JSON.stringify(places) : "";
    field().dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };
  const pixels = (share, side) => share * pane.size[side] * (pane.zoom / devicePixelRatio);
  const draw = () => {
    if (!pane.facts) return;
    const { width, height } = pane.size;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const here = [...all(), ...(current ? [current] : [])].filter((place) => place.image === pane.facts.number);
    svg.replaceChildren(...here.flatMap((place) => ["under", "over"].map((name) => {
      const at = { class: name, x: place.x * width, y: place.y * height };
      if (place.width) return drawn("rect", { ...at, width: place.width * width, height: place.height * height });
      const reach = (6 * width) / pixels(1, "width");
      return drawn("polyline", { class: name, points: crossOf(at.x, at.y, reach) });
    })));
  };
  const crossOf = (x, y, reach) =>
    [[-1, 0], [1, 0], [0, 0], [0, -1], [0, 1]].map(([a, b]) => [x + a * reach, y + b * reach]).join(" ");
  const inside = (share) => Math.min(1, Math.max(0, share));
  const between = ([ax, ay], [bx, by]) => ({
    image: pane.facts.number,
    x: inside(Math.min(ax, bx)), y: inside(Math.min(ay, by)),
    width: inside(Math.max(ax, bx)) - inside(Math.min(ax, bx)),
    height: inside(Math.max(ay, by)) - inside(Math.min(ay, by)),
  });
  const isUnder = ([x, y]) => (place) =>
    place.image === pane.facts.number &&
    pixels(Math.max(place.x - x, x - place.x - place.width), "width") < NEAR &&
    pixels(Math.max(place.y - y, y - place.y - place.height), "height") < NEAR;

  const tool = {
    down(_, event) {
      start = field() && saysFracture() ? pane.pointAt(event.clientX, event.clientY) : null;
    },
    move(_, event) {
      if (!start) return;
      current = between(start, pane.pointAt(event.clientX, event.clientY));
      draw();
    },
    up() {
      if (!start) return;
      const isBox = current && pixels(current.width, "width") >= NEAR && pixels(current.height, "height") >= NEAR;
      const under = isBox ? -1 : all().findLastIndex(isUnder(start));
      const place = isBox ? current : { ...between(start, start), width: 0, height: 0 };
      const isOutside = start.some((share) => share < 0 || share > 1);
      [start, current] = [null, null];
      if (under >= 0) keep(all().filter((_, at) => at !== under));
      else if (isBox || !isOutside) keep([...all(), place]);
      draw();
    },
    cancel() {
      [start, current] = [null, null];
      draw();
    },
  };
  for (const name of ["input", "change", "reset", "filled"]) {
    const follow = (event) => event.target.closest?.(".review-form") && requestAnimationFrame(draw);
    document.addEventListener(name, follow, { capture: true });
  }
  return { draw, tool, isOffered: () => Boolean(field()) };
}
