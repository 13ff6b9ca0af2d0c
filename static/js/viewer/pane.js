// One picture on the screen: its display first, then its rendition through a window, at the same place.

import { canvasScreen } from "./canvas.js";
import { levelsOf, rangesOf } from "./levels.js";
import { BINS, bestLook, placesOf, surelyOneOf, tableOf } from "./matching.js";
import { startPart } from "./part.js";
import { FITTED, fitScale, inverse, isEnlarged, matrixOf, moved, scaleOf, times } from "./transform.js";
import { veilOf } from "./veil.js";
import { webglScreen } from "./webgl.js";
import { greysOf, levelOf, likewise, lookBetween, saidLook, tableLook, unfolded } from "./windowing.js";
import { headerScale, headerScales, plainScale } from "./windowing.js";

const RIM = 3; // CSS pixels round what fits: half of a box's line lies outside of the box
const MOST_PIXELS = 24 * 2 ** 20; // in memory, and once more in the graphics processor's
const CANVAS_LONGEST = 16384;

export class Pane {
  // `root`: a .viewer. `changed` is called after each change of what is shown.
  constructor(root, changed = () => {}) {
    Object.assign(this, { root, changed, view: FITTED, inverted: false, look: null, loaded: null, state: "" });
    this.film = root.querySelector(".film");
    this.frame = this.film.firstElementChild;
    this.image = this.frame.querySelector(".image");
    root.pane = this;
    this.canvas = this.startScreen();
    this.image.addEventListener("load", () => this.displayCame());
    this.image.addEventListener("error", () => this.frame.classList.remove("coming"));
    new ResizeObserver(() => this.draw()).observe(root);
  }

  startScreen() {
    const canvas = Object.assign(document.createElement("canvas"), { className: "pixels" });
    canvas.hidden = true;
    canvas.setAttribute("aria-hidden", "true");
    this.screen = webglScreen(canvas) ?? canvasScreen(canvas);
    this.root.prepend(canvas);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // so that it comes back; the display is below
      this.isLost = true;
      this.draw();
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.screen = webglScreen(canvas);
      this.isLost = false;
      if (this.loaded) this.screen.load(this.loaded);
      if (this.part?.picture) this.screen.addPart(this.part.picture, this.loaded.bits);
      this.draw();
    });
    return canvas;
  }

  // ---- what is shown

  // `facts`: triage/web/viewer_facts.py. The display is in the page already where `address` is the one of the image.
  show(facts, address = facts.display) {
    this.worker?.terminate();
    Object.assign(this, { facts, look: null, standard: null, loaded: null, state: "coming", isChosen: false });
    Object.assign(this, { header: null, view: FITTED, inverted: false, part: null });
    this.lay(null);
    this.screen.free();
    if (this.image.getAttribute("src") !== address) {
      this.frame.classList.add("coming"); // the picture before must not stand under this one's name
      Object.assign(this.image, { src: address, alt: facts.alt, width: facts.shownWidth, height: facts.shownHeight });
    } else if (this.image.complete) this.fetch();
    this.draw();
  }

  showCurve(number) {
    this.curve = number;
    this.isChosen = false;
    const { facts } = this, { address } = facts.curves[number];
    if (this.loaded?.isDisplay) this.loaded = null; // of another curve
    if (this.image.getAttribute("src") === address) this.match();
    else {
      this.image.src = address;
      this.look = null;
      if (this.loaded && saidLook(facts, facts.curves[number])) this.match();
      else this.frame.classList.add("coming");
    }
    this.draw();
  }

  get hasCome() {
    return this.image.complete && this.image.naturalWidth > 0;
  }

  displayCame() {
    this.frame.classList.remove("coming");
    this.draw();
    if (!this.loaded && !this.worker) this.fetch();
    else this.match();
  }

  fetch() {
    const { facts } = this;
    this.worker = new Worker(new URL("./reader.js", import.meta.url), { type: "module" });
    const ended = () => {
      this.worker?.terminate();
      this.worker = null;
    };
    const failed = () => {
      ended();
      if (this.state === "coming") this.state = "failed"; // a part that can't be read leaves what is there
      this.changed();
    };
    this.worker.onerror = failed;
    this.worker.onmessage = ({ data }) => {
      if (facts !== this.facts) return;
      if (data.error) return failed();
      if (data.part) return this.takePart(data.part);
      if (data.reduced === 1) ended();
      else this.part = startPart({ most: MOST_PIXELS, longest, ask: (part) => this.worker?.postMessage({ part }) });
      this.take(data);
    };
    const longest = Math.min(this.screen.longest, CANVAS_LONGEST);
    this.worker.postMessage({ address: new URL(facts.rendition, location).href, mostPixels: MOST_PIXELS, longest });
  }

  // `loaded`: {bits, reduced, levels, ranges}.
  take(loaded) {
    const before = this.isChosen ? this.look : null; // of the display, if somebody couldn't wait
    this.loaded = loaded;
    this.state = loaded.isDisplay ? this.state : loaded.reduced > 1 ? "reduced" : "whole";
    if (!this.screen.load(loaded)) return;
    this.match();
    if (before && this.standard) this.look = this.alike(before);
    this.draw();
  }

  takePart(picture) {
    this.part.came(picture);
    this.screen.addPart(picture, this.loaded.bits);
    this.draw();
  }

  // The window that was set on the display's greys, on the rendition's pixels.
  alike({ window }) {
    const found = unfolded(window, this.standard), { center, width } = window;
    if (found) return found;
    const greys = greysOf(this.standard, this.loaded.bits);
    const pixelOf = (grey) => Math.max(0, greys.findIndex((found) => found >= Math.min(255, Math.max(1, grey))));
    return lookBetween(this.header ?? this.plain, pixelOf(center - width / 2), pixelOf(center + width / 2) + 1);
  }

  // Without a rendition a window is set on the greys of the display.
  useDisplay() {
    if (this.loaded || !this.hasCome) return;
    const { width, height, data } = this.displayed();
    const pixels = new Uint8Array(width * height).map((_, at) => data[4 * at]);
    const levels = levelsOf({ width, height, pixels });
    this.take({ bits: 8, reduced: this.facts.width / width, levels, ranges: rangesOf(levels, 8), isDisplay: true });
  }

  displayed() {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.image.naturalWidth, height: this.image.naturalHeight });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  // Begins with the look that the display was made with, so that nothing jumps when the rendition takes its place.
  match() {
    const { loaded, facts } = this;
    if (!loaded) return;
    const curve = facts.curves[this.curve ?? 0];
    const identity = lookBetween(this.plain, 0, 2 ** loaded.bits - 1);
    const said = loaded.isDisplay ? identity : saidLook(facts, curve);
    if (!said && !this.hasCome) return;
    const isCompared = !loaded.isDisplay && this.hasCome && (!said || facts.said.covered);
    const display = isCompared ? this.displayed() : null;
    this.standard = said ?? this.guessed(curve, display, identity);
    if (!loaded.isDisplay && facts.curves.some(({ width }) => width)) this.header ??= headerScale(facts);
    if (this.standard.scale.unit === "header") this.header = this.standard.scale;
    this.lay(display && veilOf(loaded, display, greysOf(this.standard, loaded.bits)));
    if (!this.isChosen) this.look = this.standard;
    this.draw();
  }

  // Of a picture of before: from its display. That a window of the header made it is known of these too.
  guessed(curve, display, identity) {
    const { facts, loaded: { bits, levels, ranges } } = this, top = 2 ** bits - 1;
    const places = placesOf(levels[0], display);
    if (curve.width) {
      const window = { center: curve.center, width: curve.width, shape: facts.shape };
      return surelyOneOf(places, headerScales(facts).map((scale) => ({ scale, window })), bits);
    }
    const found = bestLook(places, [lookBetween(this.plain, ...ranges.own), identity], bits);
    return found ?? tableLook(tableOf(places, top), top / (BINS - 1), "guess");
  }

  lay(veil) {
    this.frame.querySelector(".veil")?.remove();
    if (!veil) return;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: veil.width, height: veil.height, className: "veil" });
    canvas.getContext("2d").putImageData(veil, 0, 0);
    this.image.after(canvas);
  }

  get plain() {
    return plainScale(this.loaded?.isDisplay ? { bits: 8 } : this.facts);
  }

  // ---- what a reader sets

  setLook(look, name = "") {
    this.isChosen = true;
    this.look = { ...look, name };
    this.linked?.lookLike(this);
    this.draw();
  }

  preset(name) {
    this.useDisplay();
    if (!this.loaded?.ranges[name]) return;
    this.setLook(lookBetween(this.header ?? this.plain, ...this.loaded.ranges[name]), name);
  }

  setView(view) {
    this.view = view;
    this.linked?.lieLike(this);
    this.draw();
  }

  invert() {
    this.useDisplay();
    this.inverted = !this.inverted;
    this.linked?.lookLike(this);
    this.draw();
  }

  standardLook() {
    this.isChosen = false;
    if (this.curve) this.showCurve(0);
    else if (this.standard) this.look = this.standard;
    this.linked?.lookLike(this);
    this.draw();
  }

  reset() {
    Object.assign(this, { view: FITTED, inverted: false });
    this.linked?.lieLike(this);
    this.standardLook();
  }

  // As much enlarged as `other` is, against what fits; at the same place where both lie alike.
  lieLike({ view, size, room }) {
    if (!this.facts) return;
    const scale = view.scale && (view.scale / fitScale(view, size, room)) * fitScale(this.view, this.size, this.room);
    const isAlike = view.turn === this.view.turn && view.flip === this.view.flip;
    this.view = { ...this.view, scale, ...((isAlike || !scale) && { x: view.x, y: view.y }) };
    this.draw();
  }

  // The same preset, or a window that differs as much from this picture's own: values of two devices are not the same.
  lookLike({ look, standard, isChosen, inverted }) {
    if (!this.standard || !look) return;
    Object.assign(this, { inverted, isChosen });
    const range = isChosen && this.loaded.ranges[look.name];
    if (range) this.look = { ...lookBetween(this.header ?? this.plain, ...range), name: look.name };
    else this.look = isChosen ? { ...likewise(look, standard, this.standard), name: "" } : this.standard;
    this.draw();
  }

  free() {
    this.worker?.terminate();
    Object.assign(this, { facts: null, loaded: null, worker: null, standard: null, part: null });
    this.screen.free();
    this.canvas.width = 0;
    this.image.removeAttribute("src");
  }

  // ---- where it lies

  get room() {
    return { width: this.root.clientWidth, height: this.root.clientHeight, rim: RIM };
  }

  // In shown, square pixels.
  get size() {
    return { width: this.facts.shownWidth, height: this.facts.shownHeight };
  }

  get matrix() {
    return matrixOf(this.view, this.size, this.room, devicePixelRatio);
  }

  get zoom() {
    return scaleOf(this.view, this.size, this.room) * devicePixelRatio;
  }

  get isEnlarged() {
    return isEnlarged(this.view, this.size, this.room);
  }

  // The picture's point under a point of the window, as fractions of its sides.
  pointAt(clientX, clientY) {
    const box = this.root.getBoundingClientRect();
    const [x, y] = moved(inverse(this.matrix), clientX - box.left, clientY - box.top);
    return [x / this.size.width, y / this.size.height];
  }

  // {value, unit, x, y} under a point; null outside of the picture.
  valueAt(clientX, clientY) {
    const [x, y] = this.pointAt(clientX, clientY);
    if (!this.loaded || x < 0 || y < 0 || x >= 1 || y >= 1) return null;
    const { levels: [{ width, height, pixels }] } = this.loaded;
    const column = Math.min(width - 1, Math.floor(x * width)), row = Math.min(height - 1, Math.floor(y * height));
    const scale = this.header ?? this.plain;
    const place = { x: Math.floor(x * this.facts.width), y: Math.floor(y * this.facts.height) };
    const pixel = this.part?.at(place.x, place.y) ?? pixels[row * width + column];
    return { value: levelOf(scale, pixel), unit: scale.unit, ...place };
  }

  // ---- drawing

  draw() {
    if (this.isAwaited) return;
    this.isAwaited = true;
    requestAnimationFrame(() => {
      this.isAwaited = false;
      this.drawNow();
    });
  }

  drawNow() {
    const { room, frame } = this;
    if (!this.facts || !room.width || !room.height) return;
    const { size } = this;
    const natural = Math.min((room.width - 2 * RIM) / size.width, (room.height - 2 * RIM) / size.height);
    Object.assign(frame.style, { width: `${size.width * natural}px`, height: `${size.height * natural}px` });
    const left = this.film.offsetLeft + frame.offsetLeft, top = this.film.offsetTop + frame.offsetTop;
    const { matrix } = this;
    const place = times([1, 0, 0, 1, -left, -top], times(matrix, [1 / natural, 0, 0, 1 / natural, 0, 0]));
    this.film.style.setProperty("--place", `matrix(${place.join()})`);
    this.film.style.setProperty("--zoom", this.zoom / devicePixelRatio / natural);
    // Letters stay upright.
    const [a, b, c, d] = inverse(matrix).map((part) => Math.round(part * (this.zoom / devicePixelRatio)));
    this.film.style.setProperty("--upright", `matrix(${a}, ${b}, ${c}, ${d}, 0, 0)`);
    this.root.classList.toggle("enlarged", this.isEnlarged);
    const isDrawn = Boolean(this.loaded && this.look) && !this.isLost && !frame.classList.contains("coming");
    if (isDrawn) this.drawPixels(matrix);
    this.canvas.hidden = !isDrawn;
    frame.classList.toggle("below", isDrawn);
    frame.classList.add("placed");
    this.changed();
  }

  drawPixels(matrix) {
    const { canvas, loaded, facts } = this, ratio = devicePixelRatio;
    const width = Math.round(this.room.width * ratio), height = Math.round(this.room.height * ratio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    // On whole pixels of the screen: where the layout puts it between two, the browser would mix neighbours.
    const box = this.root.getBoundingClientRect();
    const [left, top] = [box.left, box.top].map((side) => `${Math.round(side * ratio) / ratio - side}px`);
    Object.assign(canvas.style, { left, top, width: `${width / ratio}px`, height: `${height / ratio}px` });
    const known = this.greysKnown;
    if (known?.look !== this.look || known.inverted !== this.inverted || known.bits !== loaded.bits) {
      const greys = greysOf(this.look, loaded.bits, this.inverted);
      this.greysKnown = { look: this.look, inverted: this.inverted, bits: loaded.bits, greys };
    }
    const toPicture = inverse(times([ratio, 0, 0, ratio, 0, 0], matrix));
    const [across, down] = [facts.width / facts.shownWidth, facts.height / facts.shownHeight];
    const step = Math.min(
      Math.hypot(toPicture[0] * across, toPicture[1] * down),
      Math.hypot(toPicture[2] * across, toPicture[3] * down),
    );
    const wanted = Math.floor(Math.log2(step / loaded.reduced) + 1e-6);
    const level = Math.min(loaded.levels.length - 1, Math.max(0, wanted));
    const factor = loaded.reduced * 2 ** level;
    const toLevel = times([across / factor, 0, 0, down / factor, 0, 0], toPicture);
    this.screen.draw(level, toLevel, [facts.width / factor, facts.height / factor], this.greysKnown.greys);
    if (!this.part) return;
    const isTooSmall = wanted < 0;
    const over = isTooSmall ? this.part.over(times([across, 0, 0, down, 0, 0], toPicture), canvas, facts) : null;
    this.state = isTooSmall && !over?.isWhole ? "reduced" : "whole";
    if (!over) return;
    const { picture } = this.part;
    this.screen.draw("part", over.place, [picture.width, picture.height], this.greysKnown.greys);
  }
}
