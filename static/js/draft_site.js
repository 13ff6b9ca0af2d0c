// Drafts on the site: one request.

import { heard } from "./connection.js";
import { doubt, token, tokenIsKnown, whoIsSignedIn } from "./token.js";

const TIMEOUT = 5000; // ms
const MOST_KEPT_ALIVE = 60000; // bytes: browsers refuse a larger body of a request that outlives its page

// Why it was not saved: "unanswered", "signedOut", "another", or "refused" with the site's code and sentence.
export class NotSaved extends Error {
  constructor(why, { code = "", message = "" } = {}) {
    super(message);
    this.why = why;
    this.code = code;
  }
}

async function checkPerson() {
  if (tokenIsKnown()) return;
  const who = await whoIsSignedIn(); // text of one person must not become another's draft
  if (who === "lost") throw new NotSaved("unanswered");
  if (who !== "same") throw new NotSaved(who);
}

async function request(url, options) {
  let answer;
  heard(false);
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
    heard(answer.status < 500);
    if (answer.status === 204) return null;
    const body = await answer.json(); // what a proxy says in the site's place is no JSON of ours
    if (answer.ok && body.saved_at) return body;
    if (!body.error) throw new NotSaved("unanswered");
    // Of the framework itself: a session that has ended, or a token that is older than the session.
    if (["not_authenticated", "permission_denied"].includes(body.error.code)) {
      doubt();
      throw new NotSaved("signedOut");
    }
    throw new NotSaved(answer.status >= 500 ? "unanswered" : "refused", body.error);
  } catch (error) {
    throw error instanceof NotSaved ? error : new NotSaved("unanswered");
  }
}

// The saved draft, or null where nothing was written. `leaving`: the page may be gone before the answer comes.
export async function put(url, draft, leaving) {
  if (!leaving) await checkPerson();
  else if (!tokenIsKnown()) throw new NotSaved("unanswered");
  const body = JSON.stringify(draft);
  const stop = new AbortController();
  const timer = leaving ? 0 : setTimeout(() => stop.abort(), TIMEOUT);
  try {
    return await request(url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body,
      keepalive: body.length < MOST_KEPT_ALIVE / 3, // in UTF-8 a character may be three bytes
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

// Brings a text of a tab to the site. Answers with what the site has then: the draft, null where the reader has signed
// what the text says, or undefined where it took nothing.
export async function bring(url, { content, version = null, editor = null }) {
  try {
    // The version that this tab had read: another page's draft is never replaced unasked.
    return await put(url, { content, version, editor });
  } catch (error) {
    if (error instanceof NotSaved) return undefined;
    throw error;
  }
}

export const get = (url) => request(url, { headers: { Accept: "application/json" } });

export const newEditor = () =>
  crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
