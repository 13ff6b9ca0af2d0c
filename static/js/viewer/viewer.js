// The pictures of a case: one on the screen, with its tools, perhaps another beside it, the rest in the film strip.

import { onAct, say } from "../keys.js";
import { startBeside } from "./beside.js";
import { listen } from "./input.js";
import { listenToKeys } from "./keyboard.js";
import { startMaps } from "./maps.js";
import { startMeasures } from "./measures.js";
import { Pane } from "./pane.js";
import { startPlaces } from "./places.js";
import { startTools } from "./tools.js";

const $ = (id) => document.getElementById(id);

// The facts of each picture, as triage/web/viewer_facts.py gives them, by its number.
function pictures() {
  const found = [...document.querySelectorAll("[data-picture]")].map(({ dataset }) => ({
    ...JSON.parse(dataset.picture),
    alt: dataset.alt,
  }));
  return new Map(found.map((facts) => [String(facts.number), facts]));
}

export function startViewer() {
  const panel = $("model-output"), known = pictures();
  let shown = panel.dataset.image; // the number of the picture on the screen
  const pane = new Pane($("viewer"), () => changed(pane));
  let active = pane;
  const layers = new Map(); // pane → its measures
  const choosePane = (chosen) => {
    active.root.classList.remove("active");
    active = chosen;
    active.root.classList.add("active");
    changed(active);
  };
  const tools = startTools($("tools"), $("view-numbers").dataset, pane, () => active, {
    clear: () => layers.get(active).clear(),
    beside: () => toggleBeside(),
  });
  const places = startPlaces(pane);
  const maps = startMaps(pane);
  const startPane = (one) => {
    const measures = startMeasures(one, { textOf: tools.measured, changed: (count) => one === active && tools.counted(count) });
    layers.set(one, measures);
    const own = one === pane ? { place: places.tool } : {};
    const hands = { ...tools, tools: { ...measures.tools, ...own } };
    listen(one, hands);
    listenToKeys(one, hands);
    for (const hand of ["pointerdown", "focus"]) {
      one.root.addEventListener(hand, () => active === one || choosePane(one), { capture: true });
    }
  };
  const changed = (one) => {
    layers.get(one)?.draw();
    if (one === pane) places.draw();
    maps.measure(one);
    tools.tell(one);
  };
  startPane(pane);
  const beside = startBeside(pane, { known, start: { pane: startPane, changed }, chosen: choosePane, follows: maps.beside });
  const offerPlace = () => {
    document.querySelector("button[data-tool=place]").hidden = !places.isOffered();
    places.draw();
  };
  offerPlace();
  document.querySelector("details.correction")?.addEventListener("toggle", offerPlace);
  const toggleBeside = async () => say(await beside.toggle());
  onAct("side_by_side", () => void toggleBeside());

  // Of the case, never of an act: after a refused form the address is that of the act, which opened anew shows
  // nothing, and reloaded does it again.
  const nameAddress = () => history.replaceState(history.state, "", `${panel.dataset.case}?image=${shown}${panel.dataset.view}`);
  const markStrip = () => {
    for (const link of document.querySelectorAll(".strip a")) {
      link.toggleAttribute("aria-current", link.dataset.show === shown);
      if (link.dataset.show === shown) link.setAttribute("aria-current", "true");
    }
  };
  const curves = new Map(); // number of a picture → of the curve that was chosen for it
  const show = (number) => {
    if (number === shown) return;
    curves.set(shown, pane.curve);
    shown = number;
    const facts = known.get(number);
    pane.curve = curves.get(number) ?? 0;
    pane.show(facts, facts.curves[pane.curve]?.address);
    panel.dataset.image = number;
    markStrip();
    nameAddress();
    maps.follow(shown);
    beside.follow();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(link.dataset.show);
  });
  const step = (by) => {
    const links = [...document.querySelectorAll(".strip a")];
    if (links.length < 2) return;
    const at = links.findIndex((link) => link.dataset.show === shown);
    const link = links.at((at + by) % links.length);
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    show(link.dataset.show);
    return link.dataset.alt;
  };
  onAct("picture.next", () => step(1));
  onAct("picture.previous", () => step(-1));
  if (location.pathname !== panel.dataset.case) nameAddress();
  pane.curve = 0;
  pane.show(known.get(shown), pane.image.getAttribute("src"));
  maps.follow(shown);
  return { follow: () => maps.follow(), pane };
}
