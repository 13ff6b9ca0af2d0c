// Signing out removes what this tab alone has (site.js). The first press says so, if there is such a text; a second one goes.

import { warn } from "./forms.js";

const DOUBLE = 700; // ms: the second click of a double click is no answer

// `settle` tries to bring the texts to the site first.
export function startSignOut(tab, settle) {
  const form = document.querySelector("[data-sign-out]");
  let goes = false;
  let waits = false;
  let named = "[]"; // the texts of which the reader knows

  form?.addEventListener(
    "submit",
    async (event) => {
      if (goes) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waits) return;
      waits = true;
      await settle();
      const texts = JSON.stringify(tab.all.map(({ content }) => content));
      if (texts !== "[]" && texts !== named) {
        named = texts;
        setTimeout(() => (waits = false), DOUBLE);
        return warn(form, form.dataset.signOut);
      }
      waits = false;
      goes = true;
      tab.letGo();
      form.requestSubmit();
      goes = false;
    },
    true,
  );
}
