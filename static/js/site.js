// Every page: the reader's time zone, the theme, the keys, and menus that close.

import "./forms.js";
import "./length.js";
import { startKeys } from "./keys.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

// Dark, light, as the system has it, and again: the button says which it is now.
const themes = document.querySelector("[data-theme-toggle]");
const THEMES = ["", "dark", "light"];
const sayTheme = () => {
  const chosen = document.documentElement.dataset.theme ?? "";
  if (themes) themes.querySelector("[data-chosen]").textContent = themes.dataset[chosen || "system"];
};
themes?.addEventListener("click", () => {
  const root = document.documentElement;
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "") + 1) % THEMES.length];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  document.cookie = `theme=${next}; path=/; max-age=${next ? 31536000 : 0}; samesite=lax`;
  sayTheme();
});
sayTheme();

// A tab's copies of drafts, and the place in a list, belong to one person: they end with the session.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => {
  for (const key of Object.keys(sessionStorage)) if (/^(draft|list)\./.test(key)) sessionStorage.removeItem(key);
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
