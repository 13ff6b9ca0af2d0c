// Lengths and angles over a picture. A point is [x, y] as fractions of its sides, so that it stays on its bone however
// the picture is turned, mirrored or enlarged.

import { moved } from "./transform.js";

const FAR = 4; // CSS pixels: a point that is nearer to the one before is the same click
const SVG = "http://www.w3.org/2000/svg";

// Of a step between two points: mm where the header gives a spacing, else square pixels.
function steps(facts, [ax, ay], [bx, by]) {
  const { spacing } = facts, [x, y] = [bx - ax, by - ay];
  if (spacing) return [x * facts.width * spacing.column, y * facts.height * spacing.row];
  return [x * facts.shownWidth, y * facts.shownHeight];
}

export const lengthOf = (facts, [one, other]) => Math.hypot(...steps(facts, one, other));

// In degrees, at the second of three points.
export function angleOf(facts, [one, corner, other]) {
  const [[ax, ay], [bx, by]] = [steps(facts, corner, one), steps(facts, corner, other)];
  return (Math.atan2(Math.abs(ax * by - ay * bx), ax * bx + ay * by) * 180) / Math.PI;
}

export function drawn(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

// `textOf(facts, measure)`: the text beside it. `changed(count)` is called with how many there are on the picture.
export function startMeasures(pane, { textOf, changed }) {
  const known = new Map(); // address of a picture → its measures
  let current = null;
  const layer = Object.assign(document.createElement("div"), { className: "measures" });
  const svg = layer.appendChild(drawn("svg", { "aria-hidden": "true" }));
  pane.frame.append(layer);

  const here = () => known.get(pane.facts?.display) ?? [];
  const draw = () => {
    if (!pane.facts) return;
    const { width, height } = pane.size;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const all = current?.of === pane.facts.display ? [...here(), current] : here();
    svg.replaceChildren(...all.flatMap((measure) => {
      const points = measure.points.map(([x, y]) => [x * width, y * height]);
      const lines = ["under", "over"].map((name) => drawn("polyline", { class: name, points: points.join(" ") }));
      const [x, y] = points.at(-1);
      const isLeftward = moved(pane.matrix, x, y)[0] > pane.room.width / 2; // or it would end outside of the screen
      const beside = isLeftward ? { class: "leftward", dx: "-0.4em" } : { dx: "0.4em" };
      return [...lines, drawn("text", { x, y, ...beside, dy: "-0.4em" }, textOf(pane.facts, measure))];
    }));
    changed(here().length);
  };
  const isFar = ([ax, ay], [bx, by]) => {
    const scale = pane.zoom / devicePixelRatio;
    return Math.hypot((bx - ax) * pane.size.width, (by - ay) * pane.size.height) * scale >= FAR;
  };
  // What was begun on another picture is given up: one length has one picture.
  const begun = () => (current?.of === pane.facts?.display ? current : (current = null));
  const end = () => {
    const text = textOf(pane.facts, current);
    known.set(current.of, [...here(), current]);
    current = null;
    return text;
  };
  // Each point is set by a click, or by the end of a drag.
  const toolOf = (kind, count) => {
    const follow = (event) => {
      if (!begun()) return;
      current.points[current.points.length - 1] = pane.pointAt(event.clientX, event.clientY);
      draw();
    };
    return {
      down(_, event) {
        const point = pane.pointAt(event.clientX, event.clientY);
        if (!begun()) current = { kind, of: pane.facts.display, points: [point, point] };
        else follow(event);
      },
      move: (_, event) => follow(event),
      hover: (_, event) => follow(event),
      // Returns the text of a measure that has all its points now.
      up() {
        const [before, last] = begun()?.points.slice(-2) ?? [];
        if (!last || !isFar(before, last)) return "";
        const isWhole = current.points.length === count;
        const text = isWhole ? end() : "";
        if (!isWhole) current.points.push(last);
        draw();
        return text;
      },
      cancel() {
        current = null;
        draw();
      },
      words: () => begun() && textOf(pane.facts, current),
    };
  };
  const clear = () => {
    current = null;
    known.delete(pane.facts.display);
    draw();
  };
  return { draw, clear, tools: { length: toolOf("length", 2), angle: toolOf("angle", 3) } };
}
