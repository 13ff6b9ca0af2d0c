// Counts from the instants that the site sent: deadlines, waiting times, and claims that run out. It goes on
// while the connection is down, and the site need not send a list again because a minute has passed.

import { fill, now } from "./connection.js";

const TICK = 1000; // ms
const texts = document.getElementById("clock")?.dataset;

// As `duration` in triage/templatetags/formats.py: the two largest units that matter.
function duration(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60000));
  const values = { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
  return fill(values.days ? texts.days : values.hours ? texts.hours : texts.minutes, values);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tickDeadline(time, moment) {
  const due = Date.parse(time.dateTime);
  const urgency = moment >= due ? "late" : moment >= Date.parse(time.dataset.soon) ? "soon" : "due";
  const tag = time.querySelector(".tag");
  if (!tag.classList.contains(urgency)) {
    tag.classList.remove("late", "soon", "due");
    tag.classList.add(urgency);
  }
  write(tag.querySelector(".left"), fill(texts[urgency], { left: duration(Math.abs(due - moment)) }));
}

export function tick(root = document) {
  if (!texts) return;
  const moment = now().getTime();
  for (const time of root.querySelectorAll("time[data-soon]")) tickDeadline(time, moment);
  for (const time of root.querySelectorAll("time[data-waited]")) write(time, duration(moment - Date.parse(time.dateTime)));
  for (const claim of root.querySelectorAll("[data-claimed-until]")) {
    const lapsed = moment >= Date.parse(claim.dataset.claimedUntil);
    claim.hidden = lapsed;
    if (claim.nextElementSibling) claim.nextElementSibling.hidden = !lapsed; // "To be read"
  }
}

export function startClock() {
  tick();
  setInterval(tick, TICK);
}
