// Somebody else took the case over, ended this reader's claim, signed or withdrew it while the page lay open: the head
// says so, and with it the form can't be signed. What was written stays, and may be gone on with: it is a draft.
// Nothing moves, since somebody may be writing.

import { address } from "./model_output.js";

export function startStanding() {
  const form = document.getElementById("review-form");
  const said = document.querySelector('#head [data-part="standing"]');
  const bar = form?.querySelector(".sign-bar");
  if (!bar || !said) return;
  // Codes: a case that is taken again is taken in the same words.
  const found = () => [...said.children].map(({ dataset }) => dataset);
  const asItCame = found().map(({ code }) => code);
  const notice = Object.assign(document.createElement("p"), { id: "standing", className: "look-first", hidden: true });
  notice.setAttribute("role", "alert");
  bar.append(notice);
  const show = () => {
    const news = found().find(({ code }) => !asItCame.includes(code));
    const isOff = Boolean(news);
    // "Claimed by me" is no longer true; the way to a newer version, which stands there too, is.
    document.querySelector("#opinion > .lease")?.classList.toggle("ended", isOff);
    for (const button of bar.querySelectorAll(":scope > button")) {
      button.disabled = isOff;
      if (isOff) button.setAttribute("aria-describedby", notice.id);
      else button.removeAttribute("aria-describedby");
    }
    notice.hidden = !isOff;
    const now = Object.assign(document.createElement("a"), { href: address(), textContent: form.dataset.now });
    notice.replaceChildren(`${news?.says ?? ""} ${form.dataset.kept} `, now);
  };
  new MutationObserver(show).observe(said, { childList: true });
}
