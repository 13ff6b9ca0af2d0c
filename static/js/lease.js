// Renews the claim while somebody works on the page, and says when it is lost.

export function startLease() {
  const lease = document.getElementById("lease");
  if (!lease) return;
  let active = true;
  for (const name of ["pointermove", "keydown", "pointerdown"]) {
    document.addEventListener(name, () => (active = true), { passive: true });
  }
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

  function lost(text) {
    lease.textContent = text;
    lease.setAttribute("role", "alert");
    clearInterval(timer);
  }

  async function renew() {
    if (!active || document.hidden) return;
    active = false;
    try {
      const answer = await fetch(lease.dataset.renew, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        credentials: "same-origin",
      });
      if (answer.redirected) {
        lost(lease.dataset.signedOut);
      } else if (answer.status === 409) {
        lost(`${lease.dataset.lost} ${(await answer.json()).message}`);
      } else if (answer.ok) {
        const until = new Date((await answer.json()).claimed_until);
        lease.textContent = lease.textContent.replace(
          /\d{1,2}:\d{2}/,
          until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
        );
      }
    } catch {
      // The line is down: the lease outlasts several of these.
    }
  }
  const timer = setInterval(renew, (Number(lease.dataset.seconds) * 1000) / 5);
}
