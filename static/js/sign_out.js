// Signing out removes what this tab alone has (site.js). The first press says so, if there is such a text; a second one goes.

import { bring } from "./draft_site.js";
import { addressOf, caseOf, keysOf, TabTexts } from "./draft_tab.js";
import { unsentTexts } from "./form_texts.js";
import { pressEnds, sendChecked, warn } from "./forms.js";

const DOUBLE = 700; // ms: the second click of a double click is no answer
const ANY_CASE = "00000000-0000-0000-0000-000000000000"; // templates/layout/bar.html

let here = null; // the texts of the case whose page this is
let settleHere = async () => {};

// `settle` tries to bring this page's texts to the site first.
export function signOutSettles(tab, settle) {
  here = tab;
  settleHere = settle;
}

// Of another case in this tab: what the site takes, or has signed, leaves the list.
async function bringAll(tab, url) {
  let texts = tab.all;
  for (const text of texts) {
    if ((await bring(url, text)) !== undefined) tab.keep((texts = texts.filter((other) => other !== text)));
  }
  return tab;
}

// The lists in which there is a text still.
async function lacking(form) {
  await settleHere();
  const of = (address, key) => address.replace(ANY_CASE, caseOf(key));
  const tabs = here ? [here] : [];
  for (const key of keysOf(document.body.dataset.person)) {
    if (key === here?.key) continue;
    tabs.push(await bringAll(new TabTexts({ draft: key }), addressOf(of(form.dataset.draft, key), key)));
  }
  const drafts = tabs.filter(({ all }) => all.length).map((tab) => ({ tab, page: of(form.dataset.case, tab.key) }));
  const unsent = unsentTexts(document.body.dataset.person);
  return [...drafts, ...unsent.map(({ key, values, page }) => ({ tab: { key, all: [{ content: values }] }, page }))];
}

// Where each can be read and copied.
function say(form, lists) {
  warn(form, form.dataset.signOut);
  const elsewhere = lists.filter(({ tab }) => tab !== here);
  const links = elsewhere.map(({ page: href }) => Object.assign(document.createElement("a"), { href }));
  for (const link of links) link.textContent = form.dataset.show;
  form.querySelector(":scope > .notice").append(...links);
}

export function startSignOut() {
  const form = document.querySelector("[data-sign-out]");
  let goes = false;
  let waits = false;
  let named = "[]"; // the texts of which the reader knows

  form?.addEventListener(
    "submit",
    async (event) => {
      const { person } = document.body.dataset;
      if (goes || !(here || keysOf(person).length || unsentTexts(person).length)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waits) return;
      waits = true;
      const lists = await lacking(form);
      await pressEnds();
      const texts = JSON.stringify(lists.flatMap(({ tab }) => tab.all.map(({ content }) => content)));
      if (texts !== "[]" && texts !== named) {
        named = texts;
        setTimeout(() => (waits = false), DOUBLE);
        return say(form, lists);
      }
      waits = false;
      goes = true;
      here?.letGo();
      sendChecked(form);
      goes = false;
    },
    true,
  );
}
