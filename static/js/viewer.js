// The picture: move, enlarge, expose, invert; the heat map over it.

import { onAct } from "./keys.js";

const $ = (id) => document.getElementById(id);

export function startViewer() {
  const viewer = $("viewer"), film = $("film"), frame = $("frame"), image = $("image"), map = $("map");
  const view = { x: 0, y: 0, scale: 1 };
  let shown = $("model-output").dataset.image; // the number of the picture on the screen

  // ---- moving and enlarging
  const place = () => {
    film.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    measure();
  };
  // Lines and letters over the picture stay as thick and as tall as they are, however large the picture is.
  const measure = () => {
    film.style.setProperty("--zoom", view.scale);
    for (const drawing of frame.querySelectorAll(".boxes > svg")) {
      const size = drawing.viewBox.baseVal;
      const pixel = Math.max(size.width / frame.clientWidth, size.height / frame.clientHeight);
      drawing.style.setProperty("--pixel", pixel / view.scale); // of the screen, in pixels of the image
    }
  };
  const fit = () => {
    Object.assign(view, { x: 0, y: 0, scale: 1 });
    place();
  };
  const enlarge = (factor, x, y) => {
    const scale = Math.min(12, Math.max(1, view.scale * factor));
    const real = scale / view.scale;
    Object.assign(view, { scale, x: x - (x - view.x) * real, y: y - (y - view.y) * real });
    if (scale === 1) Object.assign(view, { x: 0, y: 0 });
    place();
  };
  const at = (event) => {
    const box = viewer.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  viewer.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      enlarge(Math.exp(-event.deltaY / 400), ...at(event));
    },
    { passive: false },
  );
  const fingers = new Map();
  let spread = 0;
  viewer.addEventListener("pointerdown", (event) => {
    viewer.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    spread = 0;
  });
  viewer.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    fingers.set(event.pointerId, now);
    if (fingers.size === 1) {
      view.x += now[0] - before[0];
      view.y += now[1] - before[1];
      place();
    } else if (fingers.size === 2) {
      const [a, b] = [...fingers.values()];
      const apart = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (spread) enlarge(apart / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
      spread = apart;
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    viewer.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      spread = 0;
    });
  }

  // ---- exposure
  const expose = () => {
    const inverted = $("invert").getAttribute("aria-pressed") === "true";
    image.style.filter =
      `brightness(${$("brightness").value}%) contrast(${$("contrast").value}%)` + (inverted ? " invert(1)" : "");
  };
  // Each picture has its own choice of the curves that its header offers, and keeps what was chosen.
  const curves = () => document.querySelector(`[data-of-image="${shown}"] .curve`);
  const showCurve = (select) => {
    if (image.getAttribute("src") === select.value) return;
    frame.classList.add("coming"); // the picture by the other curve must not stand under this one's name
    image.src = select.value;
  };
  for (const select of document.querySelectorAll(".curve")) select.addEventListener("change", () => showCurve(select));
  const reset = () => {
    const select = curves();
    if (select && select.selectedIndex) {
      select.selectedIndex = 0;
      showCurve(select);
    }
    $("brightness").value = $("contrast").value = 100;
    $("invert").setAttribute("aria-pressed", "false");
    expose();
    fit();
  };
  for (const id of ["brightness", "contrast"]) $(id).addEventListener("input", expose);
  $("invert").addEventListener("click", () => {
    const on = $("invert").getAttribute("aria-pressed") === "true";
    $("invert").setAttribute("aria-pressed", String(!on));
    expose();
  });
  $("reset").addEventListener("click", reset);
  viewer.addEventListener("dblclick", reset);

  // ---- the picture's own shape, so that the map lies exactly on it
  const shape = () => {
    const width = image.naturalWidth || image.width, height = image.naturalHeight || image.height;
    const scale = Math.min(film.clientWidth / width, film.clientHeight / height);
    frame.style.width = `${width * scale}px`;
    frame.style.height = `${height * scale}px`;
    measure();
  };
  image.addEventListener("load", shape);
  new ResizeObserver(shape).observe(viewer);
  shape();

  // ---- boxes
  const boxes = () => frame.querySelector(`.boxes[data-of-image="${shown}"]`);
  // While the model works, the panel of its output brings all of them again each time.
  const takeOver = () => {
    const come = $("model-output").querySelector("[data-boxes]");
    if (!come) return;
    for (const old of frame.querySelectorAll(".boxes")) old.remove();
    frame.append(...come.children);
    come.remove();
    measure();
  };
  // Off stays off while the case is open in this tab, also where another of its pictures is a page of its own.
  const boxless = `boxless ${$("model-output").dataset.case}`;
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

  // ---- heat map
  const maps = () => document.querySelector(`[data-of-image="${shown}"] .classes`);
  const showMap = () => {
    const found = maps();
    const on = $("map-toggle").getAttribute("aria-pressed") === "true" && Boolean(found);
    map.hidden = !on;
    $("map-which").hidden = $("map-strength-label").hidden = !on;
    if (on) {
      const address = found.dataset[$("map-which").value];
      if (map.getAttribute("src") !== address) {
        // Until it is there, a browser goes on showing the map of the class or picture before.
        map.classList.add("awaited");
        map.src = address;
      }
      map.style.opacity = $("map-strength").value / 100;
    }
  };
  // Every fact on the page is the shown picture's; the panel of the model's output may have been replaced.
  const follow = () => {
    takeOver();
    for (const panel of document.querySelectorAll("[data-of-image]")) panel.hidden = panel.dataset.ofImage !== shown;
    $("boxes-toggle").hidden = !boxes();
    const found = maps();
    $("map-toggle").hidden = !found;
    if (found) {
      const chosen = $("map-which").value;
      // Where it suspects a fracture comes first, if the release knows; the classes' maps are a choice.
      const which = ["fracture", "top", "rival"].filter((name) => found.dataset[name]);
      $("map-which").replaceChildren(...which.map((name) => new Option(found.dataset[`${name}Name`], name)));
      if (which.includes(chosen)) $("map-which").value = chosen;
    }
    showMap();
  };
  const showRival = () => {
    const found = maps();
    if (!found?.dataset.rival) return $("map-toggle").dataset.noRival;
    if ($("map-toggle").getAttribute("aria-pressed") !== "true") $("map-toggle").click();
    $("map-which").value = "rival";
    showMap();
    return found.dataset.rivalName;
  };
  map.addEventListener("load", () => map.classList.remove("awaited"));
  $("map-toggle").addEventListener("click", () => {
    const on = $("map-toggle").getAttribute("aria-pressed") === "true";
    $("map-toggle").setAttribute("aria-pressed", String(!on));
    showMap();
  });
  $("map-which").addEventListener("change", showMap);
  $("map-strength").addEventListener("input", showMap);

  // ---- film strip and keys
  // On a slow connection the old picture would stand under the new one's name until the new one is there.
  for (const name of ["load", "error"]) image.addEventListener(name, () => frame.classList.remove("coming"));
  // Of the case, never of an act: after a refused form the address is that of the act, which opened anew shows
  // nothing, and reloaded does it again.
  const nameAddress = () => history.replaceState(history.state, "", `${$("model-output").dataset.case}?image=${shown}`);
  const show = (number) => {
    if (number === shown) return;
    shown = number;
    for (const link of document.querySelectorAll(".strip a")) {
      const current = link.dataset.show === number;
      link.toggleAttribute("aria-current", current);
      if (!current) continue;
      link.setAttribute("aria-current", "true");
      frame.classList.add("coming");
      Object.assign(image, { src: curves()?.value ?? link.dataset.image, alt: link.dataset.alt });
      Object.assign(image, { width: link.dataset.width, height: link.dataset.height });
    }
    $("model-output").dataset.image = number;
    nameAddress();
    fit();
    follow();
  };
  const step = (by) => {
    const links = [...document.querySelectorAll(".strip a")];
    if (links.length < 2) return;
    const at = links.findIndex((link) => link.dataset.show === shown);
    const link = links.at((at + by) % links.length);
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    show(link.dataset.show);
    return link.dataset.alt;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(link.dataset.show);
  });
  const zoom = (factor) => enlarge(factor, viewer.clientWidth / 2, viewer.clientHeight / 2);
  onAct("zoom.in", () => zoom(1.25));
  onAct("zoom.out", () => zoom(1 / 1.25));
  onAct("map.rival", showRival);
  onAct("picture.next", () => step(1));
  onAct("picture.previous", () => step(-1));
  if (location.pathname !== $("model-output").dataset.case) nameAddress();
  follow();
  return { follow };
}
