// One case on its way, with its progress. fetch doesn't report how much has gone out.

// Resolves with {status, body, allSent}; status 0 is no answer. allSent: every byte went out, so that it may be stored.
export function post(url, fields, items, token, { begun, progress, allSent }) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  for (const item of items) data.append("images", item.file, item.file.name);
  for (const name of ["side", "projection"]) {
    // Once for each file and in their order, or not at all.
    if (items.some((item) => item.own[name])) for (const item of items) data.append(`image_${name}`, item.own[name]);
  }
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    let whole = false;
    xhr.open("POST", url);
    xhr.setRequestHeader("X-CSRFToken", token);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
    xhr.upload.addEventListener("load", () => {
      whole = true;
      allSent();
    });
    xhr.addEventListener("loadend", () => {
      let body = null;
      try {
        body = JSON.parse(xhr.responseText);
      } catch {
        // Not from our API: a proxy's page, or nothing at all.
      }
      resolve({ status: xhr.status, body, allSent: whole });
    });
    xhr.send(data);
    begun(() => xhr.abort());
  });
}
