// While the model works, the finding asks for itself again, and stops when there is one.

const EVERY = 1500; // ms

// Somebody writes: the page must not be taken from under their hands.
const busy = () =>
  document.activeElement?.closest("form") ||
  [...document.querySelectorAll(".side textarea, .side #reason")].some((field) => field.value);

function offer() {
  const link = document.createElement("a");
  link.className = "button small";
  const finding = document.getElementById("finding");
  link.href = finding.dataset.case;
  link.textContent = finding.dataset.offer;
  return link;
}

export function startFinding(changed) {
  const finding = document.getElementById("finding");
  const working = () => finding.querySelector("[data-working=yes]");

  async function look() {
    try {
      const answer = document.hidden ? null : await fetch(finding.dataset.url, { credentials: "same-origin" });
      if (answer?.ok && !answer.redirected) {
        const holder = document.createElement("template");
        holder.innerHTML = await answer.text();
        const finished = !holder.content.querySelector("[data-working=yes]");
        if (finished && !busy()) {
          location.replace(finding.dataset.case); // the form now offers "agree"; drafts are kept
          return;
        }
        finding.replaceChildren(holder.content);
        if (finished) finding.append(offer());
        changed();
      }
    } catch {
      // The line is down: the next look tries again.
    }
    if (working()) setTimeout(look, EVERY);
  }
  if (working()) setTimeout(look, EVERY);
}
