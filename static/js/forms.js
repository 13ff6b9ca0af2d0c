// Every form that is posted: it outlives a sign-in in another tab, and goes out once however often its button is pressed.

import { heard, mayBeCut } from "./connection.js";
import { mustLook, sayLookFirst } from "./look_first.js";
import { session, token, tokenIsKnown, whoIsSignedIn } from "./token.js";

const AGAIN = 10000; // ms after which a form may go out again, if no answer came and the page is still there

const checked = new WeakSet(); // the same person is signed in: it may go out
let sent = new WeakMap(); // form → the timer that lets it go out again
let last = null; // the form that was sent last

const isOurs = (form) => form.method === "post" && form.querySelector("[name=csrfmiddlewaretoken]") && !form.dataset.api;

// Somebody has signed in since the page came, in another tab: the form's own token is too old, and who is it? Nor does a
// form go out while the line is cut: what was typed would be gone with the page.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!isOurs(form)) return;
    if (event.submitter?.formMethod === "dialog") return stop(event); // Enter in a field: enter_does_nothing.html
    if (sent.has(form)) return stop(event);
    if (mustLook(form) && !checked.has(form)) {
      sayLookFirst(form);
      return stop(event);
    }
    if (checked.has(form) || (tokenIsKnown() && !mayBeCut())) {
      form.elements.csrfmiddlewaretoken.value = token(); // the form's own is older, where a draft found the new one
      return;
    }
    stop(event);
    sent.set(form, 0); // while the site is asked
    const who = await whoIsSignedIn(mayBeCut());
    await pressEnds();
    sent.delete(form);
    heard(who !== "lost");
    if (who !== "same") return warn(form, session[who]);
    sendChecked(form, event.submitter);
  },
  true,
);

// A browser sends no form while its submit event goes on, and an answer that needs no request comes before it ends.
export const pressEnds = () => new Promise((done) => setTimeout(done));

// Of a form that came through here before, and that somebody else has kept meanwhile.
export function sendChecked(form, button) {
  checked.add(form);
  form.requestSubmit(button);
  checked.delete(form);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation(); // the others hear of it when it goes out
}

// Last of all listeners: one before may have kept the form here.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !isOurs(form)) return;
  sent.set(form, setTimeout(() => sent.delete(form), AGAIN));
  last = form;
});

// The browser may ask whether to leave what is not saved: who stays has sent nothing.
let closing = null;
window.addEventListener("beforeunload", (event) => {
  closing = event;
  if (!window.navigation) setTimeout(stays); // it doesn't say who stays; it asks again before a form goes out twice
});
window.navigation?.addEventListener("navigateerror", stays);

function stays() {
  if (!last || !closing?.defaultPrevented) return;
  clearTimeout(sent.get(last));
  sent.delete(last);
}
// Whoever comes back to the page may send it again.
window.addEventListener("pageshow", () => (sent = new WeakMap()));

export function warn(form, text) {
  form.querySelector(":scope > .notice.session")?.remove();
  const notice = document.createElement("div");
  notice.className = "notice late session";
  notice.setAttribute("role", "alert");
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  form.prepend(notice);
}
