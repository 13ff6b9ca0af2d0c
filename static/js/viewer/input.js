// Mouse, pen and fingers over a picture. One finger scrolls the page past a picture that isn't enlarged (the style
// sheet's touch-action), unless a tool is chosen that needs it.

import { fitted, panned, zoomed } from "./transform.js";
import { dragged } from "./windowing.js";

const CLICK = 4; // pixels: less is no drag

// `tool()`: "move", "window" or one of `tools`, {down, move, up, press} with the pane and the event.
export function listen(pane, { tool, tools = {}, hover }) {
  const { root } = pane;
  const at = ({ clientX, clientY }) => {
    const box = root.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  const zoom = (factor, point) => pane.setView(zoomed(pane.view, pane.size, pane.room, factor, point, devicePixelRatio));
  const pan = (across, down) => pane.setView(panned(pane.view, pane.size, pane.room, across, down));
  const pull = (across, down) => {
    pane.useDisplay();
    if (pane.look) pane.setLook(dragged(pane.look, across, pane.inverted ? -down : down));
  };
  const acts = { move: { move: pan }, window: { move: pull } };
  const fingers = new Map();
  let act = null, isMoved = false, apart = 0;

  root.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), at(event));
    },
    { passive: false },
  );
  const actOf = (event) => {
    if (event.button === 2) return acts.window;
    if (event.button === 1) return acts.move;
    return acts[tool()] ?? tools[tool()] ?? acts.move;
  };
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 1) {
      act = actOf(event);
      isMoved = false;
      act.down?.(pane, event);
    } else if (fingers.size === 2) {
      act?.cancel?.(pane);
      act = null;
      apart = 0;
    }
  });
  root.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId), now = at(event);
    hover(pane, event);
    if (!before) return tools[tool()]?.hover?.(pane, event);
    const [across, down] = [now[0] - before[0], now[1] - before[1]];
    if (fingers.size === 2) {
      fingers.set(event.pointerId, now);
      pinch([across / 2, down / 2]);
    } else if (act && (isMoved || Math.hypot(across, down) >= CLICK || event.pointerType === "mouse")) {
      isMoved = true;
      fingers.set(event.pointerId, now);
      // With an act of its own, one finger isn't the page's.
      if (act === acts.move && event.pointerType === "touch" && !pane.isEnlarged) return;
      if (act === acts.move || act === acts.window) act.move(across, down);
      else act.move?.(pane, event);
    }
  });
  const pinch = ([across, down]) => {
    const [one, other] = [...fingers.values()];
    const now = Math.hypot(one[0] - other[0], one[1] - other[1]);
    pan(across, down);
    if (apart) zoom(now / apart, [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]);
    apart = now;
  };
  root.addEventListener("pointerup", (event) => {
    if (fingers.size === 1) act?.up?.(pane, event);
    fingers.delete(event.pointerId);
    apart = 0;
    if (!fingers.size) act = null;
  });
  root.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    act?.cancel?.(pane);
    act = null;
  });
  // Two fingers are the picture's, also where one scrolls the page.
  root.addEventListener("touchmove", (event) => event.touches.length > 1 && event.cancelable && event.preventDefault(), {
    passive: false,
  });
  root.addEventListener("pointerleave", () => hover(pane, null));
  root.addEventListener("contextmenu", (event) => event.preventDefault());
  root.addEventListener("dblclick", () => tool() === "move" && pane.setView(fitted(pane.view)));
}
