// A reader's own macros: "/nf" and a blank or Enter becomes a text. Ctrl+Z takes it back as it takes back what was typed;
// so does Backspace, as the next key.

const TEXTS = "textarea, input[type=text]";

export function startMacros(form) {
  if (!form?.dataset.macros) return;
  let macros = null; // shortcut → text, once they came
  let last = null; // the expansion that Backspace takes back

  // Once, when somebody begins to write: most cases are signed without a word.
  async function load() {
    if (macros) return;
    macros = new Map();
    try {
      const answer = await fetch(form.dataset.macros, { credentials: "same-origin", headers: { Accept: "application/json" } });
      for (const { shortcut, text } of (await answer.json()).results) macros.set(shortcut, text);
    } catch {
      macros = null; // at the next field
    }
  }

  // As if it were typed: the browser's own undo knows it, and everybody hears "input".
  function write(field, from, to, text) {
    field.setSelectionRange(from, to);
    document.execCommand("insertText", false, text);
  }

  function expand(event) {
    const { key, target: field } = event;
    const { selectionStart: caret, selectionEnd: end, value } = field;
    if (caret !== end) return;
    const word = /(?:^|\s)(\/[^\s/]+)$/u.exec(value.slice(0, caret))?.[1];
    const text = word && macros?.get(word.normalize("NFC").toLowerCase());
    if (!text) return;
    event.preventDefault();
    const after = key === " " ? " " : field.matches("textarea") ? "\n" : "";
    const line = field.matches("textarea") ? text : text.replace(/\s*\n\s*/g, " ");
    const from = caret - word.length;
    write(field, from, caret, line + after);
    last = { field, from, to: field.selectionStart, word, value: field.value };
  }

  function takeBack(event) {
    const { field, from, to, word, value } = last;
    if (event.target !== field || field.value !== value || field.selectionStart !== to || field.selectionEnd !== to) return;
    event.preventDefault();
    write(field, from, to, word);
  }

  // Undo gives the word back selected: the next letter would replace it.
  form.addEventListener("input", ({ target: field, inputType }) => {
    if (inputType !== "historyUndo" || !field.matches(TEXTS)) return;
    const { selectionStart, selectionEnd, value } = field;
    if (macros?.has(value.slice(selectionStart, selectionEnd).toLowerCase())) field.setSelectionRange(selectionEnd, selectionEnd);
  });
  form.addEventListener("focusin", (event) => event.target.matches(TEXTS) && load());
  // Keys of a text, which are no acts of the page.
  form.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches(TEXTS)) return;
    if (key === " " || (key === "Enter" && !event.shiftKey)) expand(event);
    else {
      if (key === "Backspace" && last) takeBack(event);
      if (key !== "Shift") last = null;
    }
  });
}
