// One case on its way, with its progress. fetch doesn't report how much has gone out.

const SILENCE = 120_000; // ms without a byte out or in. Above the longest time in which the server waits for an outcome.

// Resolves with {status, body, retryAfter, location}; status 0 is no answer. `events`: begun(abort), progress(share), allOut().
export function post(url, item, token, { begun, progress, allOut }) {
  const { fields, pictures } = item.frozen;
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  for (const picture of pictures) data.append("images", picture.file, picture.name);
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => xhr.abort(), SILENCE);
    };
    xhr.open("POST", url);
    xhr.setRequestHeader("X-CSRFToken", token);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.setRequestHeader("Idempotency-Key", `"${item.key}"`); // a string of RFC 8941, as the draft of the header wants it
    xhr.setRequestHeader("Prefer", "wait=10");
    xhr.upload.addEventListener("progress", (event) => {
      alive();
      progress(event.total ? event.loaded / event.total : 0);
    });
    xhr.upload.addEventListener("load", () => {
      alive();
      allOut();
    });
    xhr.addEventListener("loadend", () => {
      clearTimeout(timer);
      resolve(answerOf(xhr));
    });
    alive();
    xhr.send(data);
    begun(() => xhr.abort());
  });
}

function answerOf(xhr) {
  const header = (name) => (xhr.status ? xhr.getResponseHeader(name) : null);
  return {
    status: xhr.status,
    body: parsed(xhr.responseText),
    retryAfter: header("Retry-After"),
    location: header("Location"),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not from our API: a proxy's page, or nothing at all
  }
}

// Something that need not be known to have arrived.
export function tell(url, token) {
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  fetch(url, { method: "POST", credentials: "same-origin", keepalive: true, headers }).catch(() => {});
}

const ANSWERS_IN = 10_000; // ms

// {status, body, retryAfter} of a small address of the API; status 0 is no answer.
export async function get(url) {
  try {
    const answer = await fetch(url, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(ANSWERS_IN),
    });
    return { status: answer.status, body: parsed(await answer.text()), retryAfter: answer.headers.get("Retry-After") };
  } catch {
    return { status: 0, body: null, retryAfter: null };
  }
}
