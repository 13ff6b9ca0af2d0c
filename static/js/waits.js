// The waits page: the progress of new deadlines, while it runs. Without scripts the page is reloaded instead.

const EVERY = 1000; // ms
const place = document.getElementById("redating");

const runs = () => place.querySelector("[data-running]") !== null;

async function look() {
  const answer = await fetch(place.dataset.live, { credentials: "same-origin" });
  if (answer.redirected) return location.reload(); // signed out
  if (answer.status === 200) place.innerHTML = await answer.text();
}

async function keepLooking() {
  if (!document.hidden) {
    try {
      await look();
    } catch {
      // The line is down: the next look tries again, and the work goes on without us.
    }
  }
  if (runs()) setTimeout(keepLooking, EVERY);
}

if (place && runs()) setTimeout(keepLooking, EVERY);
