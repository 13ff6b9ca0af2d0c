// Sending cases: one request a case. What goes out is frozen when Send is pressed: the files, how they are grouped and
// what the fields say. What is added or typed meanwhile waits for the next Send.

import { FileList } from "./upload_list.js";
import { post } from "./upload_request.js";
import { token, whoIsSignedIn } from "./token.js";

const form = document.getElementById("upload");
const input = form.querySelector("[type=file]");
const drop = document.getElementById("drop");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
const texts = document.getElementById("texts").dataset;
const files = new FileList(form, texts);
let upload = null; // what is being sent: {stopped, abort}

// What belongs to one patient: it must never reach the next one's case.
const OF_ONE_PATIENT = ["accession_number", "patient_reference", "clinical_question", "age_band", "sex", "side", "projection", "body_part"];
const NAMES_ONE_CASE = ["accession_number", "patient_reference"];

function recall() {
  for (const field of form.querySelectorAll("[data-remember]")) {
    const kept = localStorage.getItem(`callus.${field.name}`);
    if (kept && [...field.options].some((option) => option.value === kept)) field.value = kept;
    field.addEventListener("change", () => localStorage.setItem(`callus.${field.name}`, field.value));
  }
}

function fieldsNow() {
  const ours = ["images", "grouping", "csrfmiddlewaretoken", "several_studies"];
  return [...new FormData(form)].filter(([name, value]) => value && !ours.includes(name));
}

// Whether to go on with the next case.
async function sendCase(items, fields) {
  const who = await whoIsSignedIn();
  if (who !== "same") {
    files.leave(items, texts[who]);
    return false;
  }
  if (upload.stopped) {
    files.leave(items, texts.stopped);
    return false;
  }
  const answer = await post(form.dataset.api, fields, items, token(), {
    begun: (abort) => (upload.abort = abort),
    progress: (share) => files.progress(items, share),
    allSent: () => {
      upload.abort = null; // it may be stored by now: only the answer says so
      files.reading(items);
    },
  });
  upload.abort = null;
  if (answer.status === 201) files.sent(items, answer.body);
  else if (answer.status === 401) files.leave(items, texts.signedOut);
  else if (answer.body?.error?.code === "several_studies")
    files.ask(items, answer.body.error, (asked) => confirmed(asked, fields));
  else if (answer.body?.error) files.refuse(items, answer.body.error);
  else if (answer.status >= 500 || (answer.status === 0 && answer.allSent)) files.unanswered(items); // a proxy's page, or none
  else if (answer.status === 0) files.leave(items, upload.stopped ? texts.stopped : texts.lost);
  else files.leave(items, texts.answered.replace("%(status)s", answer.status));
  return answer.status !== 0 && answer.status !== 401;
}

async function sendAll(cases, fields) {
  upload = { stopped: false, abort: null };
  send.disabled = true;
  stop.hidden = false;
  cases.forEach((items) => files.wait(items));
  let goOn = true;
  for (const items of cases) {
    const left = items.filter((item) => item.state === "waiting"); // the others were removed meanwhile
    if (!left.length) continue;
    if (goOn && !upload.stopped) {
      files.sending(left);
      goOn = await sendCase(left, fields);
    } else {
      files.leave(left, upload.stopped ? texts.stopped : texts.after);
    }
  }
  upload = null;
  send.disabled = false;
  stop.hidden = true;
  files.summarise();
  const went = cases.flat().filter((item) => item.state !== "removed");
  if (went.length && went.every((item) => item.state === "sent")) {
    clearPatient(new Map(fields));
    files.clearSent();
  }
  files.count();
}

// The person says that files of several studies are one case. They are sent again with what was frozen for them: by
// now the fields may say something of the next patient.
function confirmed(items, fields) {
  if (upload) return;
  sendAll([items.filter((item) => item.state !== "removed")], [...fields, ["several_studies", "true"]]);
}

// What was typed for the next patient while these went out stays.
function clearPatient(frozen) {
  for (const name of OF_ONE_PATIENT) {
    if (form.elements[name].value === (frozen.get(name) ?? "")) form.elements[name].value = "";
  }
  if (form.elements.priority.value === frozen.get("priority")) form.elements.priority.value = "routine";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (upload) return; // the second of two clicks
  const open = files.open();
  if (!open.length) return files.say(texts.none);
  if (!form.reportValidity()) return;
  const together = form.elements.grouping.value === "one";
  if (!together && open.length > 1 && NAMES_ONE_CASE.some((name) => form.elements[name].value)) {
    return files.say(texts.oneCase);
  }
  sendAll(together ? [open] : open.map((item) => [item]), fieldsNow());
});
stop.addEventListener("click", () => {
  upload.stopped = true;
  upload.abort?.();
  stop.hidden = true;
});
// Files of one case may differ in side and projection; a case of one file has the fields for it.
function showChoices() {
  document.getElementById("files").classList.toggle("together", form.elements.grouping.value === "one");
}
for (const choice of form.querySelectorAll("[name=grouping]")) choice.addEventListener("change", showChoices);
showChoices();
input.addEventListener("change", () => {
  files.add(input.files);
  input.value = "";
});
// Anywhere on the page: a file that falls beside the area would be opened in place of the page, and the list be gone.
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return; // text that is moved into a field
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
    if (name === "drop") files.add(event.dataTransfer.files);
  });
}
addEventListener("beforeunload", (event) => {
  if (upload) event.preventDefault();
});
recall();
