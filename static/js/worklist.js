// The live worklist. It never shifts under the pointer: rows change in place, and a changed order is
// shown at once only while nobody points at the list or moves in it by keyboard.

const EVERY = 3000; // ms
const list = document.getElementById("list");
let etag = "";
let waitingHtml = "";

const ids = (root) => [...root.querySelectorAll("tbody tr")].map((row) => row.id);
const busy = () => list.matches(":hover") || list.contains(document.activeElement);

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function updateInPlace(fresh) {
  for (const row of fresh.querySelectorAll("tbody tr")) {
    const old = document.getElementById(row.id);
    if (!old) continue;
    old.dataset.state = row.dataset.state;
    [...row.cells].forEach((cell, index) => {
      const before = old.cells[index];
      if (before && before.innerHTML !== cell.innerHTML) before.innerHTML = cell.innerHTML;
    });
  }
}

function showAll(html) {
  const known = new Set(ids(list));
  list.replaceChildren(parsed(html));
  for (const row of list.querySelectorAll("tbody tr")) {
    if (known.size && !known.has(row.id)) row.classList.add("is-new");
  }
  waitingHtml = "";
}

function offer(html) {
  waitingHtml = html;
  if (list.querySelector(".changes")) return;
  const holder = document.createElement("div");
  holder.className = "changes";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = list.dataset.changed;
  button.addEventListener("click", () => showAll(waitingHtml));
  holder.append(button);
  list.prepend(holder);
}

async function look() {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(list.dataset.live, { headers, credentials: "same-origin" });
  if (answer.redirected) return location.reload(); // signed out
  if (answer.status !== 200) return;
  etag = answer.headers.get("ETag") ?? "";
  const html = await answer.text();
  const fresh = parsed(html);
  if (ids(fresh).join() === ids(list).join()) {
    updateInPlace(fresh);
    list.querySelector(".changes")?.remove();
  } else if (busy()) {
    updateInPlace(fresh);
    offer(html);
  } else {
    showAll(html);
  }
}

async function keepLooking() {
  if (!document.hidden) {
    try {
      await look();
    } catch {
      // The line is down: the next look tries again.
    }
  }
  setTimeout(keepLooking, EVERY);
}

function move(step) {
  const rows = [...list.querySelectorAll("tbody tr")];
  const at = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  if (!next) return;
  rows[at]?.classList.remove("is-current");
  next.classList.add("is-current");
  next.querySelector(".case a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

if (list) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey) return;
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
  });
  setTimeout(keepLooking, EVERY);
}
