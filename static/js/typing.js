// While somebody types, nothing sticks to the foot of a phone's window (case.css). What moves there as a text loses the
// focus moves the page under the finger: the press that took the focus would meet something else, or nothing.

const TEXTS = ".review-form :is(textarea, [type=text])";
const TAP = 100; // ms in which a tap's press comes after it took the focus

export function startTyping() {
  const { classList } = document.getElementById("main");
  const types = () => document.activeElement.matches(TEXTS);
  let isDown = false;

  const settle = () => setTimeout(() => isDown || classList.toggle("typing", types()), TAP);
  const down = (value) => () => {
    isDown = value;
    if (!value) settle();
  };

  document.addEventListener("pointerdown", down(true), true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, down(false), true);
  document.addEventListener("focusin", () => types() && classList.add("typing"));
  document.addEventListener("focusout", settle);
  classList.toggle("typing", types());
}
