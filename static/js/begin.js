// Who begins to write an opinion claims the case: looking alone claims nothing.

import { ask } from "./connection.js";
import { isAsItCame } from "./draft_form.js";
import { startLease } from "./lease.js";
import { lookFirst } from "./look_first.js";
import { token } from "./token.js";

export function startBegin() {
  const form = document.getElementById("review-form");
  const place = document.querySelector(".lease[data-begin]");
  if (!form || !place) return;
  let asking = false;

  async function begin() {
    if (asking || !place.isConnected) return;
    asking = true;
    const view = form.elements.view?.value ?? "";
    const answer = await ask(place.dataset.begin, {
      method: "POST",
      headers: { "X-CSRFToken": token() },
      body: new URLSearchParams({ view }),
    }).catch(() => null); // the next key tries again, and Sign claims the case in any case
    asking = false;
    if (answer?.status === 200) {
      place.outerHTML = answer.text;
      startLease();
      lookFirst(document.querySelectorAll(".lease form")); // it stands where "Claim" stood
    } else if (answer?.status === 409) {
      const notice = place.querySelector("[data-refused]");
      notice.setAttribute("role", "alert");
      notice.textContent = answer.text;
    }
  }

  form.addEventListener("input", begin);
  if (!isAsItCame(form)) begin(); // a key was faster than this script
}
