// Every page: the reader's time zone, the theme, the keys, and menus that close.

import "./forms.js";
import "./length.js";
import { startKeys } from "./keys.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
});

// A tab's copies of drafts belong to who wrote them: they end with the session. The site keeps the drafts.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft.")) sessionStorage.removeItem(key);
});

const keys = document.getElementById("keys");
if (keys) startKeys(keys);
document.querySelector("[data-help]")?.addEventListener("click", () => keys.showModal());

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll(".menu[open]").forEach((menu) => (menu.open = false));
    if (event.target.closest("input, textarea, select")) event.target.blur();
  }
});
