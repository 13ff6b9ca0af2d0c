// Every page: the reader's time zone, the theme, the keys, and menus that close.

import "./forms.js";
import "./length.js";
import { keysOf } from "./draft_tab.js";
import { forgetTexts, startFormTexts } from "./form_texts.js";
import { startKeys } from "./keys.js";
import { startSignOut } from "./sign_out.js";

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

// A tab's copies of drafts, and the place in a list, belong to one person. They end once that one has signed out: what
// they ask for may fail. A session that ends by itself ends no text.
const SIGNS_OUT = "signs-out"; // who has asked for it
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) sessionStorage.setItem(SIGNS_OUT, document.body.dataset.person);
});
function settleSignOut() {
  const person = sessionStorage.getItem(SIGNS_OUT);
  sessionStorage.removeItem(SIGNS_OUT);
  if (!person || document.body.dataset.person) return; // it failed, or nobody asked
  const places = Object.keys(sessionStorage).filter((key) => key.startsWith("list."));
  for (const key of [...keysOf(person), ...places]) sessionStorage.removeItem(key);
  forgetTexts(person);
}
settleSignOut();
startSignOut();
startFormTexts();
window.addEventListener("pageshow", (event) => event.persisted && settleSignOut());

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
