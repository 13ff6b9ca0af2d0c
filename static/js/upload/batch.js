// The cases of the page and their pictures. No DOM and no network.
//
// A picture: {id, file, name, header, fault, side, projection}; `header` is what header.js read of a DICOM file.
// A case: {id, pictures, own, state, key, frozen, …}; `own` holds what the person said of this case alone. An empty value
// means "as for all", and NOT_GIVEN that it is not given although there is a value for all.

import { move, may } from "./machine.js";

export const NOT_GIVEN = "-";
export const SHARED = ["body_part", "priority", "age_band", "sex", "clinical_question"]; // one value for all, or one of its own
const THOUGHT = ["interim_fracture", "treated_as", "interim_note"];
export const OWN = ["accession_number", "patient_reference", ...THOUGHT]; // of one patient: never for all
export const OF_PICTURE = ["side", "projection"];

let last = 0;
const newId = () => `n${(last += 1)}`;

export const newPicture = (file, { name = file.name, header = null, fault = "" } = {}) => ({
  id: newId(), file, name, header, fault, side: "", projection: "",
});

const newCase = (pictures, studyKey = "") => ({
  id: newId(), pictures, studyKey, own: {}, state: "draft", key: "", frozen: null, unanswered: false,
  progress: 0, tries: 0, notBefore: 0, reason: "", error: null, answer: null, confirmed: false,
});

export class Batch {
  cases = [];
  defaults = {}; // what the form says for all, by field name

  // Files of one DICOM study of one patient are one case; every other file is a case of its own.
  add(pictures) {
    for (const picture of pictures) {
      const key = picture.header?.study ? `${picture.header.study} ${picture.header.patient}` : "";
      const same = key && this.cases.find((item) => item.studyKey === key && may(item, "change"));
      if (same) {
        same.pictures.push(picture);
        this.changed(same);
      } else {
        this.cases.push(newCase([picture], key));
      }
    }
  }

  // The person changed something of the case: its old refusal or question is of other content.
  changed(item) {
    if (!move(item, "change")) return false;
    Object.assign(item, { reason: "", error: null, confirmed: false });
    return true;
  }

  // The first of them takes the pictures of the others, and what only they say.
  group(items) {
    const [first, ...others] = items.filter((item) => this.changed(item));
    if (!first) return null;
    for (const other of others) {
      first.pictures.push(...other.pictures);
      first.own = { ...withoutEmpty(other.own), ...withoutEmpty(first.own) };
      this.remove(other);
    }
    return first;
  }

  // Each picture becomes a case of its own, in the same place, with what was said of the case, save what names it.
  separate(item) {
    if (item.pictures.length < 2 || !this.changed(item)) return [];
    const [, ...others] = item.pictures;
    item.pictures.length = 1;
    item.studyKey = "";
    const emptied = Object.fromEntries(["accession_number", ...THOUGHT].map((name) => [name, ""]));
    const made = others.map((picture) => ({ ...newCase([picture]), own: { ...item.own, ...emptied } }));
    this.cases.splice(this.cases.indexOf(item) + 1, 0, ...made);
    return made;
  }

  // To another case, or (target null) to a case of its own. Returns where it is now.
  moveTo(pictureId, target) {
    const item = this.cases.find((item) => item.pictures.some((picture) => picture.id === pictureId));
    if (!item || item === target || (target === null && item.pictures.length === 1)) return null;
    if (!may(item, "change") || (target && !this.changed(target))) return null;
    const picture = this.takeOut(item, pictureId);
    const place = target ?? newCase([]);
    place.pictures.push(picture);
    if (!target) this.cases.push(place);
    return place;
  }

  takeOut(item, pictureId) {
    if (!this.changed(item)) return null;
    const index = item.pictures.findIndex((picture) => picture.id === pictureId);
    const [picture] = item.pictures.splice(index, 1);
    if (!item.pictures.length) this.remove(item);
    return picture;
  }

  remove(item) {
    if (!move(item, "remove")) return false;
    this.cases.splice(this.cases.indexOf(item), 1);
    return true;
  }

  // What is said for all, for this case: what has gone out isn't changed by what is chosen now.
  defaultsOf(item) {
    return may(item, "change") ? this.defaults : (item.frozen?.defaults ?? this.defaults);
  }

  // What this case says in a field: its own word, else that for all.
  valueOf(item, name, defaults = this.defaultsOf(item)) {
    const own = (item.own[name] ?? "").trim();
    if (own === NOT_GIVEN) return "";
    return own || (SHARED.includes(name) ? (defaults[name] ?? "") : "");
  }

  // What goes out, fixed when Send is pressed: [[name, value]] and the pictures in their order.
  contentOf(item) {
    const { defaults } = this;
    const fields = [["site", defaults.site]];
    for (const name of [...SHARED, ...OWN]) fields.push([name, this.valueOf(item, name, defaults)]);
    for (const name of OF_PICTURE) {
      const said = item.pictures.map((picture) => picture[name]);
      // What is said alike of all pictures is said of the case.
      const isAlike = said.every((value) => value === said[0]);
      fields.push([name, (isAlike && said[0]) || (defaults[name] ?? "")]);
      if (!isAlike) fields.push(...said.map((value) => [`image_${name}`, value, true]));
    }
    if (item.confirmed) fields.push(["several_studies", "true"]);
    const kept = fields.filter(([, value, even]) => value || even).map(([name, value]) => [name, value]);
    return { fields: kept, pictures: [...item.pictures], defaults: { ...defaults } };
  }

  // Whether what would go out now is what went out last.
  isUnchanged(item) {
    return Boolean(item.frozen) && signature(this.contentOf(item)) === signature(item.frozen);
  }

  // One key as long as the content is the same: the server then makes one case of it, however often it arrives. What
  // was refused has its answer, so another try is another request.
  freeze(item) {
    if (item.unanswered) return; // it goes out as it was, whatever is said for all by now
    if (!item.key || item.state === "refused" || !this.isUnchanged(item)) item.key = newKey();
    item.frozen = this.contentOf(item);
  }
}

const withoutEmpty = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value));
const signature = ({ fields, pictures }) => JSON.stringify([fields, pictures.map((picture) => picture.id)]);

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // A page without TLS has no randomUUID.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
