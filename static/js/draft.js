// The opinion while it is written: saved until it is signed.

import { DraftKeeper, sendWhatIsLeft, startCopy } from "./draft_keeper.js";
import { forgetInTab } from "./draft_site.js";
import { startMacros } from "./macros.js";

export function startDraft() {
  const form = document.getElementById("review-form");
  const { draft: key, signed } = document.getElementById("side").dataset; // of this person and this case
  startCopy();
  if (signed !== undefined) forgetInTab(key);
  const left = document.getElementById("draft-kept");
  if (left) sendWhatIsLeft(left, key);
  if (!form) return;
  startMacros(form);
  new DraftKeeper(form, document.getElementById("draft"), key);
}
