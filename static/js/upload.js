// Sending cases: one request a case, one bar a file, and one summary. What was sent is never sent again.

const form = document.getElementById("upload");
const input = form.querySelector("[type=file]");
const drop = document.getElementById("drop");
const list = document.getElementById("files");
const send = document.getElementById("send");
const words = document.getElementById("words").dataset;
const items = []; // {file, state: ready | sending | sent | refused, row, said, answer, reason}

// What belongs to one patient: it must never reach the next one's case.
const OF_ONE_PATIENT = ["accession_number", "patient_reference", "clinical_question", "age_band", "sex", "side", "projection", "body_part"];
const NAMES_ONE_CASE = ["accession_number", "patient_reference"];

const say = (template, values) => template.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function recall() {
  for (const field of form.querySelectorAll("[data-remember]")) {
    const kept = localStorage.getItem(`callus.${field.name}`);
    if (kept && [...field.options].some((option) => option.value === kept)) field.value = kept;
    field.addEventListener("change", () => localStorage.setItem(`callus.${field.name}`, field.value));
  }
}

function add(files) {
  for (const file of files) {
    const item = { file, state: "ready" };
    items.push(item);
    draw(item);
  }
  count();
}

function draw(item) {
  item.row = document.createElement("li");
  const preview = document.createElement("img");
  preview.className = "preview";
  preview.alt = "";
  if (/^image\/(jpeg|png)$/.test(item.file.type)) preview.src = URL.createObjectURL(item.file);
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = item.file.name;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "button small quiet";
  remove.textContent = words.remove;
  remove.addEventListener("click", () => {
    items.splice(items.indexOf(item), 1);
    item.row.remove();
    count();
  });
  item.said = document.createElement("span");
  item.said.className = "said";
  item.said.textContent = `${(item.file.size / 1048576).toFixed(1)} MB`;
  item.remove = remove;
  item.row.append(preview, name, remove, item.said);
  list.append(item.row);
}

function count() {
  const ready = items.filter((item) => item.state !== "sent").length;
  document.getElementById("count").textContent = ready ? say(words.ready, { n: ready }) : "";
}

function mark(item, state, text) {
  item.state = state;
  item.row.className = state;
  item.remove.hidden = state === "sending" || state === "sent";
  item.said.textContent = text ?? "";
}

function bar(item) {
  mark(item, "sending", words.sending);
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  item.said.append(progress);
  return progress;
}

function request(caseItems) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (value && !["images", "grouping", "csrfmiddlewaretoken"].includes(name)) data.append(name, value);
  }
  for (const item of caseItems) data.append("images", item.file, item.file.name);
  const bars = caseItems.map(bar);
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", form.dataset.api);
    xhr.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (event) => {
      for (const each of bars) each.value = event.loaded / event.total;
    });
    xhr.upload.addEventListener("load", () => {
      for (const item of caseItems) item.said.firstChild.textContent = words.reading;
    });
    xhr.addEventListener("loadend", () => {
      let body = null;
      try {
        body = JSON.parse(xhr.responseText);
      } catch {
        // Not from our API: a proxy's page, or nothing at all.
      }
      resolve({ status: xhr.status, body });
    });
    xhr.send(data);
  });
}

function refuse(caseItems, { status, body }) {
  const error = body?.error;
  const fields = Object.entries(error?.fields ?? {}).map(([name, texts]) => `${name}: ${texts.join(" ")}`);
  const general = status === 401 ? words.signedOut : [error?.message ?? words.lost, ...fields].join(" ");
  for (const item of caseItems) {
    const own = error?.files?.find((each) => each.file === item.file.name);
    item.reason = own?.reason ?? general;
    mark(item, "refused", item.reason);
  }
}

async function sendCase(caseItems) {
  const answer = await request(caseItems);
  if (answer.status !== 201) return refuse(caseItems, answer);
  for (const item of caseItems) {
    item.answer = answer.body;
    mark(item, "sent", words.sent);
  }
}

function caseLink(id, text) {
  const link = document.createElement("a");
  link.href = form.dataset.case.replace("00000000-0000-0000-0000-000000000000", id);
  link.textContent = text;
  return link;
}

function summarise() {
  const sent = items.filter((item) => item.state === "sent");
  const refused = items.filter((item) => item.state === "refused");
  document.getElementById("summary").hidden = false;
  document.getElementById("summary-title").textContent = say(words.done, {
    sent: sent.length,
    refused: refused.length,
  });
  const lines = [];
  for (const item of sent) {
    const line = document.createElement("li");
    line.append(`${item.file.name}: `, caseLink(item.answer.id, words.open));
    const twin = item.answer.duplicates?.find((each) => each.file === item.file.name);
    if (twin) line.append(` – ${words.duplicate}: `, caseLink(twin.earlier_case, words.earlier));
    lines.push(line);
  }
  for (const item of refused) {
    const line = document.createElement("li");
    line.className = "errors";
    line.textContent = item.reason;
    lines.push(line);
  }
  document.getElementById("summary-list").replaceChildren(...lines);
  document.getElementById("summary").scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const open = items.filter((item) => item.state !== "sent");
  if (!open.length) {
    document.getElementById("count").textContent = words.none;
    return;
  }
  if (!form.reportValidity()) return;
  const together = form.elements.grouping.value === "one";
  if (!together && open.length > 1 && NAMES_ONE_CASE.some((name) => form.elements[name].value)) {
    document.getElementById("count").textContent = words.oneCase;
    return;
  }
  send.disabled = true;
  for (const caseItems of together ? [open] : open.map((item) => [item])) await sendCase(caseItems);
  send.disabled = false;
  summarise();
  if (!items.some((item) => item.state === "refused")) clearPatient();
  count();
});

function clearPatient() {
  for (const name of OF_ONE_PATIENT) form.elements[name].value = "";
  form.elements.priority.value = "routine";
  items.length = 0;
  list.replaceChildren();
}

input.addEventListener("change", () => {
  add(input.files);
  input.value = "";
});
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
    if (name === "drop") add(event.dataTransfer.files);
  });
}
addEventListener("beforeunload", (event) => {
  if (items.some((item) => item.state === "sending")) event.preventDefault();
});
recall();
