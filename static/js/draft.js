// The opinion, or its correction, while it is written: saved until it is signed.

import { DraftKeeper } from "./draft_keeper.js";
import { startCopy, startLeft } from "./draft_left.js";
import { TabTexts } from "./draft_tab.js";
import { startMacros } from "./macros.js";
import { opinionForm } from "./opinion_form.js";
import { signOutSettles } from "./sign_out.js";

export function startDraft() {
  for (const place of document.querySelectorAll("[data-draft-left]")) {
    const copy = place.querySelector("[data-copied]");
    if (copy) startCopy(copy, place.querySelector(".review-comment"));
    const tab = new TabTexts(place.dataset); // of this person, this case, and what it was to correct
    const sent = startLeft(place, tab);
    signOutSettles(tab, () => sent);
  }
  const form = opinionForm();
  if (!form) return;
  startMacros(form);
  const tab = new TabTexts(form.dataset);
  const keeper = new DraftKeeper(form, document.getElementById("draft"), tab);
  signOutSettles(tab, () => keeper.settle());
}
