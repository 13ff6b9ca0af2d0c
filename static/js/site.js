// Every page: the reader's time zone, the theme, the keys, menus that close, and forms that outlive a sign-in.

import { FIELDS, isForThePage } from "./keys.js";
import { token, tokenIsKnown, whoIsSignedIn } from "./token.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
});

// Somebody has signed in since the page came, in another tab: the form's own token is too old, and who is it?
const checked = new WeakSet();
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const field = form.querySelector("[name=csrfmiddlewaretoken]");
    if (!field || form.dataset.api || checked.has(form) || tokenIsKnown()) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the others hear of it when it is sent
    const who = await whoIsSignedIn();
    if (who !== "same") return warn(form, document.body.dataset[who]);
    field.value = token();
    checked.add(form);
    form.requestSubmit(event.submitter);
    checked.delete(form);
  },
  true,
);

function warn(form, text) {
  form.querySelector(":scope > .notice.session")?.remove();
  const notice = document.createElement("div");
  notice.className = "notice late session";
  notice.setAttribute("role", "alert");
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  form.prepend(notice);
}

// Drafts of opinions belong to who wrote them: they end with the session.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft.")) sessionStorage.removeItem(key);
});

const keys = document.getElementById("keys");
document.querySelector("[data-help]")?.addEventListener("click", () => keys.showModal());

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll(".menu[open]").forEach((menu) => (menu.open = false));
    if (event.target.closest(FIELDS)) event.target.blur();
    return;
  }
  if (!isForThePage(event)) return;
  if (event.key === "?") {
    keys.showModal();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.select();
  else target.click();
});
