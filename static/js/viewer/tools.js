// The tools over the picture, and the numbers below it: window, zoom, value under the pointer.

import { onAct } from "../keys.js";
import { angleOf, lengthOf } from "./measures.js";
import { fitted, flipped, turned, zoomed } from "./transform.js";

const language = document.documentElement.lang || undefined;
const number = (value, digits = 0) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const digitsOf = (width) => (width >= 10 ? 0 : 3); // as in triage/web/displays.py

// `first`: the pane of the case's own picture; `pane()`: the one that has the reader's hand. `more`: what else the
// buttons do, by their data-do.
export function startTools(toolbar, texts, first, pane, more) {
  let tool = "move";
  const find = (selector) => toolbar.querySelector(selector);
  for (const part of toolbar.querySelectorAll("[data-scripted]")) part.hidden = false;

  const choose = (name) => {
    tool = tool === name ? "move" : name;
    for (const button of toolbar.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    for (const viewer of document.querySelectorAll(".viewer")) viewer.dataset.tool = tool;
  };
  choose("move");

  const zoom = (factor) => {
    const shown = pane(), { room } = shown, middle = [room.width / 2, room.height / 2];
    shown.setView(zoomed(shown.view, shown.size, room, factor, middle, devicePixelRatio));
  };
  const acts = {
    invert: () => {
      pane().invert();
      find('[data-do="invert"]').setAttribute("aria-pressed", String(pane().inverted)); // heard at once
    },
    fit: () => pane().setView(fitted(pane().view)),
    actual: () => zoom(1 / pane().zoom),
    reset: () => pane().reset(),
    rotate: () => pane().setView(turned(pane().view)),
    flip: () => pane().setView(flipped(pane().view)),
    ...more,
  };
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.tool) {
      choose(button.dataset.tool);
      if (!event.detail && tool !== "move") pane().root.focus(); // by keyboard: its arrows are the tool's now
    } else acts[button?.dataset.do]?.();
  });

  // Each picture has its own choice of the curves that its header offers, and of the presets, and keeps what was chosen.
  const select = () => find("label:not([hidden]) .curve");
  for (const one of toolbar.querySelectorAll(".curve")) {
    one.addEventListener("change", () => {
      const { curve, preset } = one.selectedOptions[0].dataset;
      if (preset) pane().preset(preset);
      else if (curve) first.showCurve(Number(curve));
    });
  }

  // Again, where a window of the header is shown already: its next one.
  const headerWindow = () => {
    const shown = pane(), count = shown.facts?.curves.length ?? 0;
    if (shown !== first || shown.isChosen || count < 2) return shown.standardLook();
    shown.showCurve(((shown.curve ?? 0) + 1) % count);
  };
  const preset = (name) => {
    if (name === "header") headerWindow();
    else pane().preset(name);
    return select()?.selectedOptions[0]?.text ?? "";
  };
  onAct("window.header", () => preset("header"));
  onAct("window.full", () => preset("full"));
  onAct("window.bone", () => preset("bone"));
  onAct("window.soft", () => preset("soft"));
  onAct("window.collimated", () => preset("field"));
  onAct("zoom.in", () => zoom(1.25));
  onAct("zoom.out", () => zoom(1 / 1.25));

  const pointed = (found) => {
    if (!found) return "";
    const digits = Number.isInteger(found.value) ? 0 : 2;
    const unit = found.unit === pane().look?.scale.unit ? "" : ` (${texts[found.unit]})`;
    return `${texts.value} ${number(found.value, digits)}${unit} · ${found.x}, ${found.y}`;
  };
  let value = null;
  const tell = (shown) => {
    if (!shown.facts) return;
    const { look } = shown, numbers = shown.root.querySelector(".view-numbers");
    const { center, width } = look?.window ?? {};
    // Only the header's own window is "by the header": one that somebody chose or drew is in its values, no more.
    const isByHeader = look?.scale.unit === "header" && !shown.isChosen;
    const digits = digitsOf(width), unit = texts[isByHeader ? "byHeader" : look?.scale.unit];
    const parts = [
      look ? `${texts.window} ${number(center, digits)} / ${number(width, digits)} (${unit})` : "",
      `${texts.zoom} ${number(100 * shown.zoom)} %`,
      shown === pane() ? pointed(value) : "",
      shown.view.flip ? texts.flipped : "",
      shown.view.turn ? `${texts.rotated} ${90 * shown.view.turn}°` : "",
      texts[shown.state] ?? "",
    ];
    numbers.replaceChildren(...parts.filter(Boolean).map((part) => {
      const span = document.createElement("span");
      span.textContent = part;
      return span;
    }));
    numbers.hidden = false;
    if (shown !== pane()) return;
    find('[data-do="invert"]').setAttribute("aria-pressed", String(shown.inverted));
    const choice = select();
    if (!choice || shown !== first) return;
    // "Set by hand" is shown while it is true, and never to be chosen.
    const wanted = shown.isChosen ? [...choice.options].find((option) => option.dataset.preset === (look?.name || "-"))
      : choice.options[shown.curve ?? 0];
    if (wanted) wanted.selected = true;
    else choice.selectedIndex = -1;
  };
  const hover = (shown, event) => {
    value = event && shown === pane() ? shown.valueAt(event.clientX, event.clientY) : null;
    tell(shown);
    return pointed(value);
  };
  // A length says what its mm are: at the detector everything looks larger than it is.
  const measured = (facts, { kind, points }) => {
    if (kind === "angle") return points.length < 3 ? "" : `${number(angleOf(facts, points), 1)}°`;
    const unit = facts.spacing ? `mm, ${facts.spacing.plane}` : texts.pixels;
    return `${number(lengthOf(facts, points), facts.spacing ? 1 : 0)} ${unit}`;
  };
  const counted = (count) => (find('[data-do="clear"]').hidden = !count);
  return { tell, hover, tool: () => tool, choose, measured, counted };
}
