// A tool that sets points, by keyboard: arrows move a mark over the picture (with Shift by one pixel of the screen), Enter
// sets a point there, Escape gives it up. What is measured is read out.

import { say } from "../keys.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const WIDE = 10; // CSS pixels

// As `listen` of input.js.
export function listenToKeys(pane, { tool, tools, hover, choose }) {
  const { root } = pane;
  const mark = Object.assign(document.createElement("div"), { className: "key-mark", hidden: true });
  root.append(mark);
  let at = [0, 0]; // CSS pixels from the viewer's corner
  const show = (place) => {
    at = [[place[0], root.clientWidth], [place[1], root.clientHeight]].map(([side, most]) => Math.min(most - 1, Math.max(0, side)));
    Object.assign(mark.style, { left: `${at[0]}px`, top: `${at[1]}px` });
    mark.hidden = false;
  };
  const point = () => {
    const box = root.getBoundingClientRect();
    return { clientX: box.left + at[0], clientY: box.top + at[1] };
  };
  const start = () => show([root.clientWidth / 2, root.clientHeight / 2]);
  root.addEventListener("focus", () => tools[tool()] && root.matches(":focus-visible") && start());
  for (const name of ["blur", "pointerdown"]) root.addEventListener(name, () => (mark.hidden = true));
  root.addEventListener("keydown", (event) => {
    const one = tools[tool()], step = STEPS[event.key];
    if (!one || event.ctrlKey || event.metaKey || event.altKey || !(step || event.key === "Enter" || event.key === "Escape")) return;
    event.preventDefault();
    if (event.key === "Escape") {
      one.cancel(pane);
      mark.hidden = true;
      return choose(tool());
    }
    if (mark.hidden) start();
    const by = event.shiftKey ? 1 : WIDE;
    if (step) show([at[0] + by * step[0], at[1] + by * step[1]]);
    const where = point(), pointed = hover(pane, where);
    let whole = "";
    if (step) one.hover?.(pane, where);
    else {
      one.down(pane, where);
      whole = one.up(pane, where);
    }
    say(whole || one.words?.() || pointed);
  });
}
