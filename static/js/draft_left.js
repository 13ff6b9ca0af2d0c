// What has no form on a page: the texts of this tab that the site lacks. They are sent. Those that it doesn't take, since it
// has another one or this reader has signed, are shown to be copied or discarded. What it takes is shown as the rest is, by the
// page as it is then; where somebody writes in another form meanwhile, the page stays and says so.

import { fill } from "./connection.js";
import { areAlike } from "./draft_form.js";
import { bring } from "./draft_site.js";
import { address, busy } from "./model_output.js";

export async function startLeft(place, tab) {
  let texts = withTyped(place, tab.all);
  tab.keep(texts);
  const drop = (text) => {
    texts = texts.filter((other) => other !== text);
    tab.keep(texts);
  };
  const taken = [];
  for (const text of texts) {
    const draft = await bring(place.dataset.url, text);
    if (draft === undefined) continue;
    drop(text);
    if (draft && draft.version !== place.dataset.version) taken.push(text);
  }
  if (taken.length && !busy()) return location.replace(address());
  for (const text of taken) showTaken(place, text);
  for (const text of texts) show(place, text, drop);
  window.addEventListener("beforeunload", (event) => tab.warn(event));
}

// What came with a signature that was refused, and the site did not take.
function withTyped(place, texts) {
  const typed = place.querySelector("[data-typed]");
  if (!typed) return texts;
  typed.remove();
  const content = JSON.parse(typed.dataset.content);
  if (texts.some((text) => areAlike(text.content, content))) return texts;
  const words = [...typed.querySelectorAll(".review-comment")].map((line) => line.textContent).join("\n");
  return [{ content, words, at: new Date().toISOString() }, ...texts];
}

// A new panel with the text, and what stands in it.
function panel(place, text) {
  const template = document.getElementById("draft-left");
  const section = template.content.firstElementChild.cloneNode(true);
  const [words, hint] = section.querySelectorAll("p");
  const [copy, discard] = section.querySelectorAll("button");
  words.textContent = text.words;
  startCopy(copy, words);
  place.append(section);
  return { section, hint, discard };
}

function showTaken(place, text) {
  const { hint, discard } = panel(place, text);
  hint.textContent = hint.dataset.taken;
  discard.remove();
}

function show(place, text, drop) {
  const { section, hint, discard } = panel(place, text);
  const as = { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" };
  const when = new Date(text.at).toLocaleString(document.documentElement.lang, as);
  hint.textContent = fill(hint.textContent.trim(), { when });
  discard.onclick = () => {
    drop(text);
    section.remove();
  };
}

export function startCopy(button, words) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.onclick = async () => {
    await navigator.clipboard.writeText(words.textContent);
    button.textContent = button.dataset.copied;
  };
}
