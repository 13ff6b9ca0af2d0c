// A second picture beside the first one: another view of the case, or one of an earlier case of the same patient.
// Zoom, position and window go along while both are linked.

import { Pane } from "./pane.js";

// `start(pane)` gives the pane what every pane has; `known`: the facts of the case's pictures, by number.
// `follows(pane, number)`: which picture of the case stands there, null for none of it.
export function startBeside(first, { known, start, chosen, follows }) {
  const holder = document.getElementById("beside"), bar = document.getElementById("beside-bar");
  const select = bar.querySelector("select"), link = bar.querySelector("[data-do=link]");
  const button = document.querySelector("[data-do=beside]");
  let second = null, earlier = null;

  const others = () => [...known.values()].filter(({ number }) => number !== first.facts.number);
  const offered = () => [...others().map((facts) => ({ ...facts, label: facts.alt })), ...(earlier ?? [])];
  const fill = () => {
    const before = select.value;
    select.replaceChildren(...offered().map(({ label, display }) => new Option(label, display)));
    if (offered().some(({ display }) => display === before)) select.value = before;
  };
  const fetchEarlier = async () => {
    try {
      const answer = await fetch(button.dataset.address, { headers: { Accept: "application/json" } });
      earlier = answer.ok ? (await answer.json()).pictures : null;
    } catch {
      earlier = null; // asked again the next time
    }
  };
  const show = () => {
    const facts = offered().find(({ display }) => display === select.value);
    if (!facts || second.facts?.display === facts.display) return;
    second.curve = 0;
    second.show(facts);
    const isOfCase = known.get(String(facts.number))?.display === facts.display;
    follows(second, isOfCase ? facts.number : null);
    const boxes = first.frame.querySelector(`.boxes[data-of-image="${facts.number}"]`);
    second.frame.querySelector(".boxes")?.remove();
    if (!boxes || !isOfCase) return;
    const copy = boxes.cloneNode(true);
    copy.removeAttribute("data-of-image");
    copy.hidden = false;
    second.frame.append(copy);
  };
  const tie = (on) => {
    link.setAttribute("aria-pressed", String(on));
    first.linked = on ? second : null;
    second.linked = on ? first : null;
  };
  const open = async () => {
    if (!earlier) await fetchEarlier();
    fill();
    if (!select.options.length) return button.dataset.none;
    holder.hidden = bar.hidden = false;
    if (!second) {
      second = new Pane(holder, () => start.changed(second));
      start.pane(second);
    }
    tie(true);
    button.setAttribute("aria-pressed", "true");
    show();
    return select.selectedOptions[0].text;
  };
  const close = () => {
    holder.hidden = bar.hidden = true;
    button.setAttribute("aria-pressed", "false");
    tie(false);
    second.free();
    follows(null);
    chosen(first);
    return button.title;
  };
  select.addEventListener("change", show);
  link.addEventListener("click", () => tie(link.getAttribute("aria-pressed") !== "true"));
  // The first one has another picture now: never the same one twice.
  const follow = () => {
    if (holder.hidden) return;
    fill();
    if (select.options.length) show();
    else close();
  };
  return { toggle: () => (holder.hidden ? open() : close()), follow };
}
