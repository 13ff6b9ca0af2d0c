// Somebody else took the case over, ended this reader's claim, signed or withdrew it while the page lay open: the head
// says so, and with it the form can't be signed. What was written stays, and may be gone on with: it is a draft.
// Nothing moves, since somebody may be writing.

export function startStanding() {
  const form = document.getElementById("review-form");
  const said = document.querySelector('#head [data-part="standing"]');
  const bar = form?.querySelector(".sign-bar");
  if (!bar || !said) return;
  const says = () => said.firstElementChild?.dataset.says ?? ""; // no text of the page: the form shows it
  const asItCame = says();
  const notice = Object.assign(document.createElement("p"), { id: "standing", className: "look-first", hidden: true });
  notice.setAttribute("role", "alert");
  bar.append(notice);
  const show = () => {
    const text = says();
    const isOff = text !== "" && text !== asItCame;
    // "Claimed by me" is no longer true; the way to a newer version, which stands there too, is.
    document.querySelector("#opinion > .lease")?.classList.toggle("ended", isOff);
    for (const button of bar.querySelectorAll(":scope > button")) {
      button.disabled = isOff;
      if (isOff) button.setAttribute("aria-describedby", notice.id);
      else button.removeAttribute("aria-describedby");
    }
    notice.hidden = !isOff;
    const now = Object.assign(document.createElement("a"), { href: location.href, textContent: form.dataset.now });
    notice.replaceChildren(`${text} ${form.dataset.kept} `, now);
  };
  new MutationObserver(show).observe(said, { childList: true });
}
