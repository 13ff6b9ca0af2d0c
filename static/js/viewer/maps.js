// What the model says, over the picture: its boxes, and its maps.

import { onAct } from "../keys.js";

const KINDS = ["fracture", "top", "rival"]; // where it suspects a fracture comes first, if the release knows
const $ = (id) => document.getElementById(id);

// `pane`: the one of the case's own picture.
export function startMaps(pane) {
  const panel = $("model-output"), map = $("map"), { frame } = pane;
  let shown = panel.dataset.image; // the number of the picture on the screen
  let beside = null; // {map, number} of the one beside it

  // Lines and letters over the picture stay as thick and as tall as they are, however large the picture is.
  const measure = ({ film, frame } = pane) => {
    const zoom = Number(film.style.getPropertyValue("--zoom")) || 1;
    for (const drawing of frame.querySelectorAll("svg")) {
      const size = drawing.viewBox.baseVal;
      const pixel = Math.max(size.width / frame.clientWidth, size.height / frame.clientHeight);
      drawing.style.setProperty("--pixel", pixel / zoom); // of the screen, in pixels of the image
    }
  };
  // While the model works, the panel of its output brings all boxes again each time.
  const takeOver = () => {
    const come = panel.querySelector("[data-boxes]");
    if (!come) return;
    for (const old of frame.querySelectorAll(".boxes")) old.remove();
    frame.append(...come.children);
    come.remove();
    measure();
  };
  // Off stays off while the case is open in this tab, also where another of its pictures is a page of its own.
  const boxless = `boxless ${panel.dataset.case}`;
  const showBoxes = (on) => {
    $("boxes-toggle").setAttribute("aria-pressed", String(on));
    frame.classList.toggle("boxless", !on);
  };
  showBoxes(!sessionStorage.getItem(boxless));
  $("boxes-toggle").addEventListener("click", () => {
    const on = $("boxes-toggle").getAttribute("aria-pressed") !== "true";
    if (on) sessionStorage.removeItem(boxless);
    else sessionStorage.setItem(boxless, "yes");
    showBoxes(on);
  });

  const isOn = () => $("map-toggle").getAttribute("aria-pressed") === "true";
  // Addresses and names of a picture's maps.
  const mapsOf = (number) => document.querySelector(`[data-of-image="${number}"] .classes`)?.dataset;
  const whichOf = (found) => KINDS.filter((kind) => found?.[kind]);
  const lay = (map, number) => {
    const found = mapsOf(number), name = $("map-which").selectedOptions[0]?.text;
    const which = whichOf(found).find((kind) => found[`${kind}Name`] === name);
    map.hidden = !isOn() || !which;
    if (map.hidden) return;
    if (map.getAttribute("src") !== found[which]) {
      // Until it is there, a browser goes on showing the map of the class or picture before.
      map.classList.add("awaited");
      map.src = found[which];
    }
    map.style.opacity = $("map-strength").value / 100;
  };
  const showMap = () => {
    $("map-which").hidden = $("map-strength-label").hidden = !isOn() || $("map-toggle").hidden;
    lay(map, shown);
    if (beside) lay(beside.map, beside.number);
  };
  const offerMaps = () => {
    const chosen = $("map-which").value, names = new Map(); // → value
    for (const [number, place] of [[shown, ""], [beside?.number, "beside-"]]) {
      const found = mapsOf(number);
      for (const kind of whichOf(found)) {
        const name = found[`${kind}Name`];
        if (!names.has(name)) names.set(name, place + kind);
      }
    }
    $("map-toggle").hidden = !names.size;
    $("map-which").replaceChildren(...[...names].map(([name, value]) => new Option(name, value)));
    if ([...names.values()].includes(chosen)) $("map-which").value = chosen;
  };
  const showRival = () => {
    const found = mapsOf(shown);
    if (!found?.rival) return $("map-toggle").dataset.noRival;
    if (!isOn()) $("map-toggle").click();
    $("map-which").value = "rival";
    showMap();
    return found.rivalName;
  };
  onAct("map.rival", showRival);
  // Every fact on the page is the shown picture's; the panel of the model's output may have been replaced.
  const follow = (number = shown) => {
    shown = number;
    takeOver();
    for (const part of document.querySelectorAll("[data-of-image]")) part.hidden = part.dataset.ofImage !== shown;
    $("boxes-toggle").hidden = !frame.querySelector(`.boxes[data-of-image="${shown}"]`);
    offerMaps();
    showMap();
  };
  // Another picture of the case beside it, or none: `number` is null where it is of an earlier case.
  const follows = (second, number) => {
    beside = second && number !== null && { map: second.frame.querySelector(".map"), number };
    if (second && number === null) second.frame.querySelector(".map").hidden = true;
    offerMaps();
    showMap();
  };
  for (const one of document.querySelectorAll(".film .map")) {
    one.addEventListener("load", () => one.classList.remove("awaited"));
  }
  $("map-toggle").addEventListener("click", () => {
    $("map-toggle").setAttribute("aria-pressed", String(!isOn()));
    showMap();
  });
  $("map-which").addEventListener("change", showMap);
  $("map-strength").addEventListener("input", showMap);
  return { follow, measure, beside: follows };
}
