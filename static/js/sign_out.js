// Signing out removes what this tab alone has (site.js). The first press says so, if there is such a text; a second one goes.

import { warn } from "./forms.js";

// `settle` tries to bring the texts to the site first.
export function startSignOut(tab, settle) {
  const form = document.querySelector("[data-sign-out]");
  let goes = false;
  let named = "[]"; // the texts of which the reader knows

  form?.addEventListener(
    "submit",
    async (event) => {
      if (goes) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      await settle();
      const texts = JSON.stringify(tab.all.map(({ content }) => content));
      if (texts !== "[]" && texts !== named) {
        named = texts;
        return warn(form, form.dataset.signOut);
      }
      goes = true;
      tab.letGo();
      form.requestSubmit();
      goes = false;
    },
    true,
  );
}
