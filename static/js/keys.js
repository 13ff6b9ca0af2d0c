// Keys of a page, without modifiers. None is for the page while a dialog is open: what it chose or moved
// behind the dialog nobody would see.

export const FIELDS = "input, textarea, select, [contenteditable]";
export const TYPED_IN = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select";

// `fields`: where the key belongs to the field that has the focus.
export function isForThePage(event, fields = FIELDS) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return !document.querySelector("dialog[open]") && !event.target.closest(fields);
}

// The key's letter or digit. The upper row gives "&" on a French keyboard and "١" on an Arabic one where others give
// "1": without Shift it is the digit that it is labelled with.
export function keyOf(event) {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  return digit && !event.shiftKey ? digit : event.key;
}
