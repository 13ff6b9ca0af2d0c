// On a page without a form: the texts of this tab that the site lacks. They are sent. Those that it doesn't take, since it
// has another one or this reader has signed, are shown to be copied or discarded.

import { fill } from "./connection.js";
import { areAlike } from "./draft_form.js";
import { NotSaved, put } from "./draft_site.js";

export async function startLeft(place, tab) {
  let texts = withTyped(tab.all);
  tab.keep(texts);
  const drop = (text) => {
    texts = texts.filter((other) => other !== text);
    tab.keep(texts);
  };
  let isNew = false;
  for (const text of texts) {
    const version = await send(place.dataset.url, text);
    if (version === null) continue;
    drop(text);
    isNew ||= version !== place.dataset.version;
  }
  if (isNew) return location.reload(); // it is shown as the rest is
  for (const text of texts) show(text, drop);
  window.addEventListener("beforeunload", (event) => tab.warn(event));
}

// What came with a signature that was refused, and the site did not take.
function withTyped(texts) {
  const typed = document.getElementById("draft-typed");
  if (!typed) return texts;
  typed.remove();
  const content = JSON.parse(typed.dataset.content);
  if (texts.some((text) => areAlike(text.content, content))) return texts;
  const words = [...typed.querySelectorAll(".review-comment")].map((line) => line.textContent).join("\n");
  return [{ content, words, at: new Date().toISOString() }, ...texts];
}

// Answers with the version that the site has now; null where it took nothing.
async function send(url, { content, version = null, editor = null }) {
  try {
    // The version that this tab had read: another page's draft is never replaced unasked.
    return (await put(url, { content, version, editor }))?.version ?? null;
  } catch (error) {
    if (error instanceof NotSaved) return null;
    throw error;
  }
}

function show(text, drop) {
  const template = document.getElementById("draft-left");
  const section = template.content.firstElementChild.cloneNode(true);
  const [words, hint] = section.querySelectorAll("p");
  words.textContent = text.words;
  const as = { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" };
  const when = new Date(text.at).toLocaleString(document.documentElement.lang, as);
  hint.textContent = fill(hint.textContent.trim(), { when });
  const [copy, discard] = section.querySelectorAll("button");
  startCopy(copy, words);
  discard.onclick = () => {
    drop(text);
    section.remove();
  };
  template.before(section);
}

export function startCopy(button, words) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.onclick = async () => {
    await navigator.clipboard.writeText(words.textContent);
    button.textContent = button.dataset.copied;
  };
}
