// Whether this tab is about to show another page of ours, which finds what was kept here: then nothing is asked on leaving.

const GOES_ON = 1000; // ms after a link was pressed or a form was sent
let wentOn = -GOES_ON;

for (const name of ["click", "submit"]) {
  document.addEventListener(name, ({ type, target }) => {
    if (type === "submit" || target.closest?.("a[href]")) wentOn = performance.now();
  }, true);
}

export const goesOn = () => performance.now() - wentOn < GOES_ON;
