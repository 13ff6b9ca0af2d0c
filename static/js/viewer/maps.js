// What the model says, over the picture: its boxes, and its maps.

import { onAct } from "../keys.js";

const $ = (id) => document.getElementById(id);

// `pane`: the one of the case's own picture.
export function startMaps(pane) {
  const panel = $("model-output"), map = $("map"), { frame } = pane;
  let shown = panel.dataset.image; // the number of the picture on the screen

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

  const maps = () => document.querySelector(`[data-of-image="${shown}"] .classes`);
  const showMap = () => {
    const found = maps();
    const on = $("map-toggle").getAttribute("aria-pressed") === "true" && Boolean(found);
    map.hidden = !on;
    $("map-which").hidden = $("map-strength-label").hidden = !on;
    if (!on) return;
    const address = found.dataset[$("map-which").value];
    if (map.getAttribute("src") !== address) {
      // Until it is there, a browser goes on showing the map of the class or picture before.
      map.classList.add("awaited");
      map.src = address;
    }
    map.style.opacity = $("map-strength").value / 100;
  };
  const offerMaps = () => {
    const found = maps();
    $("map-toggle").hidden = !found;
    if (!found) return;
    const chosen = $("map-which").value;
    // Where it suspects a fracture comes first, if the release knows; the classes' maps are a choice.
    const which = ["fracture", "top", "rival"].filter((name) => found.dataset[name]);
    $("map-which").replaceChildren(...which.map((name) => new Option(found.dataset[`${name}Name`], name)));
    if (which.includes(chosen)) $("map-which").value = chosen;
  };
  const showRival = () => {
    const found = maps();
    if (!found?.dataset.rival) return $("map-toggle").dataset.noRival;
    if ($("map-toggle").getAttribute("aria-pressed") !== "true") $("map-toggle").click();
    $("map-which").value = "rival";
    showMap();
    return found.dataset.rivalName;
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
  map.addEventListener("load", () => map.classList.remove("awaited"));
  $("map-toggle").addEventListener("click", () => {
    const on = $("map-toggle").getAttribute("aria-pressed") === "true";
    $("map-toggle").setAttribute("aria-pressed", String(!on));
    showMap();
  });
  $("map-which").addEventListener("change", showMap);
  $("map-strength").addEventListener("input", showMap);
  return { follow, measure };
}
