// What an answer of the server means for a case: an event of machine.js, and how to go on.

const BUSY = [408, 425, 429, 503]; // the server did nothing, and may be asked again
// The database went away, or gave no lock, during the commit or behind it: the case may be there.
const MAY_BE_STORED = ["database_away", "busy"];
const LONGEST_WAIT = 120; // seconds; a longer Retry-After is asked after that time

// {event, wait?, look?, full?, unsure?}
// wait: seconds that the server asks for. look: is the line there, and who is signed in? denied: a 403. unsure: it may be stored.
export function meaningOf(answer) {
  const { status, body, retryAfter } = answer;
  const error = body?.error;
  if ((status === 200 || status === 201) && body?.id) return { event: "accept" };
  if (status === 202 && (answer.location || body?.id)) return { event: "arrive" };
  if (status === 401) return { event: "again", look: true };
  if (status === 403) return { event: "again", look: true, denied: true }; // not theirs, or the token of a sign-in before
  if (MAY_BE_STORED.includes(error?.code)) return { event: "again", wait: secondsOf(retryAfter), unsure: true };
  if (BUSY.includes(status) || error?.code === "idempotency_key_in_use") return { event: "again", wait: secondsOf(retryAfter) };
  if (status === 507) return { event: "fail", full: true };
  if (error?.code === "several_studies") return { event: "ask" };
  if ((error && status < 500) || status === 413) return { event: "refuse" }; // 413 may be a proxy's own limit
  // Nobody foresaw it: the same bytes would do the same again.
  if (error) return { event: "fail", unsure: true };
  // No answer, or a proxy's page in its place.
  return { event: "lost", look: true, unsure: true };
}

function secondsOf(retryAfter) {
  const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_WAIT) : null;
}

// What the case is after it arrived: state as in REST; null: not known yet.
export function outcomeOf(found) {
  if (found.state === "arriving") return null;
  const error = found.refusal ?? {};
  if (found.state === "refused") return { event: error.code === "several_studies" ? "ask" : "refuse", error };
  return { event: "accept" };
}

// Which sentence belongs to which picture: by position where the server says it, else by name.
export function reasonOf(error, picture, position) {
  const files = error.files ?? [];
  const own = files.some((file) => file.position)
    ? files.find((file) => file.position === position)
    : files.find((file) => (file.name ?? file.file) === picture.name);
  return own?.reason ?? "";
}
