// The buttons of a report: copies its text, prints the page. Without a script the text has an address of its own.

const copy = document.querySelector("[data-copy]");
const print = document.querySelector("[data-print]");

if (copy) {
  copy.hidden = false;
  const label = copy.textContent;
  copy.addEventListener("click", async () => {
    const source = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      source.select(); // no clipboard without HTTPS
      document.execCommand("copy");
      copy.focus();
    }
    copy.textContent = copy.dataset.done;
    setTimeout(() => (copy.textContent = label), 2000);
  });
}

if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
