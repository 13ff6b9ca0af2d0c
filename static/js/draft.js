// The opinion while it is written: saved until it is signed.

import { DraftKeeper } from "./draft_keeper.js";
import { startCopy, startLeft } from "./draft_left.js";
import { TabTexts } from "./draft_tab.js";
import { startMacros } from "./macros.js";
import { signOutSettles } from "./sign_out.js";

export function startDraft() {
  const form = document.getElementById("review-form");
  const left = document.getElementById("draft-kept");
  const kept = document.getElementById("draft-text");
  const tab = new TabTexts(document.getElementById("side").dataset); // of this person and this case
  if (kept) startCopy(document.querySelector("[data-copied]"), kept);
  if (left) {
    const sent = startLeft(left, tab);
    signOutSettles(tab, () => sent);
  }
  if (!form) return;
  startMacros(form);
  const keeper = new DraftKeeper(form, document.getElementById("draft"), tab);
  signOutSettles(tab, () => keeper.settle());
}
