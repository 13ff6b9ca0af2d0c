// Where the reader was in the list: the way back from a case leads to the same scroll, with the focus on its row.

const KEY = "list.place";
const row = () => (location.hash.startsWith("#case-") ? document.getElementById(location.hash.slice(1)) : null);

function isOut(row) {
  const at = row?.getBoundingClientRect();
  return at && (at.bottom <= 0 || at.top >= innerHeight);
}

function keep(list) {
  sessionStorage.setItem(KEY, JSON.stringify({ list: list.dataset.live, top: scrollY }));
}

function kept(list) {
  try {
    const place = JSON.parse(sessionStorage.getItem(KEY));
    return place?.list === list.dataset.live ? place : null;
  } catch {
    return null;
  }
}

// Leaving for a case, by a row, Next or Previous, keeps the place. What leads elsewhere in the list doesn't.
export function keepPlace(list) {
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="/cases/"]')) keep(list);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form.next")) keep(list);
  });
}

// `choose` makes the row the current one, as the keys do.
export function backToPlace(list, choose) {
  if (!location.hash.startsWith("#case-")) return;
  const place = kept(list);
  let moved = false;
  const back = () => {
    if (moved) return;
    const opened = row();
    if (opened) choose(opened);
    if (place) scrollTo({ top: place.top, behavior: "instant" });
    // Another one than was opened here: after Next it may be far away.
    if (!place || isOut(opened)) opened?.scrollIntoView({ block: "nearest", behavior: "instant" });
  };
  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(name, () => (moved = true), { once: true, passive: true });
  }
  back();
  // By then the browser has gone to the row by itself, scrolled and taken the focus away.
  addEventListener("load", () => requestAnimationFrame(back));
}
