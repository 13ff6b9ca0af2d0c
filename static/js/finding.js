// While the model works, the finding asks for itself again, and stops when there is one.

const EVERY = 1500; // ms

export function startFinding(changed) {
  const finding = document.getElementById("finding");
  const working = () => finding.querySelector("[data-working=yes]");

  async function look() {
    try {
      const answer = document.hidden ? null : await fetch(finding.dataset.url, { credentials: "same-origin" });
      if (answer?.ok && !answer.redirected) {
        const holder = document.createElement("template");
        holder.innerHTML = await answer.text();
        if (!holder.content.querySelector("[data-working=yes]")) {
          // Reload, so that the form offers "agree" and knows what is agreed with; drafts are kept.
          location.reload();
          return;
        }
        finding.replaceChildren(holder.content);
        changed();
      }
    } catch {
      // The line is down: the next look tries again.
    }
    if (working()) setTimeout(look, EVERY);
  }
  if (working()) setTimeout(look, EVERY);
}
