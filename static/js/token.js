// The token that Django wants with every POST. Signing in again in another tab makes a new one, in the cookie that
// all tabs share: the page's own token is then too old, though the same person may be signed in.

export const session = document.querySelector("[data-me]").dataset; // of the body; the admin has an element of its own
const { person, me } = session; // person: undefined where nobody was signed in

export const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
  document.querySelector("[name=csrfmiddlewaretoken]")?.value ??
  "";

let known = token();
export const tokenIsKnown = () => token() === known;

// The session of this page has ended: whoever signs in next may be somebody else, whatever the token says.
export const doubt = () => (known = null);

const TIMEOUT = 5000; // ms

// "same", "another", "signedOut" or "lost". A new token is a new sign-in: of the same person, or of somebody else, who
// must not sign or send what this person wrote. `anyway`: ask though the token is known, since the line may be cut.
export async function whoIsSignedIn(anyway = false) {
  const asked = token();
  if (asked === known && !anyway) return "same";
  if (person) {
    try {
      const signal = AbortSignal.timeout(TIMEOUT);
      const answer = await fetch(me, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
      if (answer.status === 401 || answer.status === 403) return "signedOut";
      if (!answer.ok) return "lost";
      if ((await answer.json()).id !== person) return "another";
    } catch {
      return "lost";
    }
  }
  known = asked;
  return "same";
}
