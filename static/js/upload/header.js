// The few tags of a DICOM header that the page needs: to group the files of a study, to show what the file says, and to
// ask for what it doesn't say. Little endian, implicit and explicit; the rest is left to the server.

const TAGS = {
  0x00080050: "accession",
  0x00100020: "patientId",
  0x00100021: "patientIdIssuer",
  0x00180015: "bodyPart",
  0x00185101: "view",
  0x0020000d: "study",
  0x00200060: "laterality",
  0x00200062: "imageLaterality",
};
const LAST = 0x00200062; // tags stand in rising order
const LONG_VRS = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
const UNDEFINED = 0xffffffff;
const [ITEM, ITEM_END, SEQUENCE_END] = [0xfffee000, 0xfffee00d, 0xfffee0dd];
const LEFT_TO_THE_SERVER = ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"]; // big endian, deflated
const IMPLICIT = "1.2.840.10008.1.2";
const STEPS = [1 << 16, 1 << 20, 1 << 23]; // bytes read at first, and when the tags lie behind them

class NeedsMore extends Error {}

// null: no DICOM file. Else {isRead, accession, bodyPart, view, laterality, study, patient}, "" where the file says
// nothing. Throws where the browser can't read the file at all: it is a folder, or it is gone.
export async function readHeader(file) {
  const start = new DataView(await file.slice(0, 140).arrayBuffer());
  if (!isDicom(start)) return null;
  for (const step of STEPS) {
    try {
      return described(new Reader(new DataView(await file.slice(0, step).arrayBuffer())).tags());
    } catch (error) {
      if (!(error instanceof NeedsMore || error instanceof RangeError)) throw error; // RangeError: behind what was read
      if (step >= file.size) break;
    }
  }
  return described(null);
}

const letters = (view, at, count) =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, Math.min(count, view.byteLength - at)));

function isDicom(view) {
  if (view.byteLength >= 132 && letters(view, 128, 4) === "DICM") return true;
  return view.byteLength > 12 && startsWithoutPreamble(view);
}

// Some systems write neither preamble nor file meta: the first element is then of group 2 or 8.
function startsWithoutPreamble(view) {
  const [group, element] = [view.getUint16(0, true), view.getUint16(2, true)];
  return (group === 2 || group === 8) && element < 0x0100 && (hasVr(view, 0) || view.getUint32(4, true) < 256);
}

const hasVr = (view, at) => /^[A-Z]{2}$/.test(letters(view, at + 4, 2));

class Reader {
  constructor(view) {
    this.view = view;
    this.at = letters(view, 128, 4) === "DICM" ? 132 : 0;
  }

  // The wanted tags by name, or null where the browser leaves them to the server.
  tags() {
    const syntax = this.#meta();
    if (LEFT_TO_THE_SERVER.includes(syntax)) return null;
    const explicit = syntax === "" ? hasVr(this.view, this.at) : syntax !== IMPLICIT;
    const found = {};
    for (let element = this.#next(explicit); element && element.tag <= LAST; element = this.#next(explicit)) {
      if (TAGS[element.tag] && element.length < 1024) found[TAGS[element.tag]] = this.#text(element);
      this.#skip(element, explicit);
    }
    return found;
  }

  // Reads group 2 and returns the transfer syntax, "" without one.
  #meta() {
    let syntax = "";
    while (this.at + 4 <= this.view.byteLength && this.view.getUint16(this.at, true) === 2) {
      const element = this.#next(true);
      if (element.tag === 0x00020010) syntax = this.#text(element);
      this.#skip(element, true);
    }
    return syntax;
  }

  // null at the end of what was read.
  #next(explicit) {
    const { view } = this;
    if (this.at === view.byteLength) return null;
    const tag = view.getUint16(this.at, true) * 0x10000 + view.getUint16(this.at + 2, true);
    const vr = explicit && tag < ITEM ? letters(view, this.at + 4, 2) : "";
    const long = LONG_VRS.includes(vr);
    const length = vr && !long ? view.getUint16(this.at + 6, true) : view.getUint32(this.at + (long ? 8 : 4), true);
    const start = this.at + (long ? 12 : 8);
    return { tag, vr, length, start };
  }

  #text({ start, length }) {
    if (start + length > this.view.byteLength) throw new NeedsMore();
    return letters(this.view, start, length).replace(/\0/g, " ").trim();
  }

  #skip({ vr, length, start }, explicit) {
    this.at = start;
    if (length === UNDEFINED) this.#skipItems(explicit && vr !== "UN"); // UN of undefined length is implicit inside
    else this.at += length;
    if (this.at > this.view.byteLength) throw new NeedsMore();
  }

  #skipItems(explicit) {
    for (;;) {
      const item = this.#next(explicit);
      if (!item) throw new NeedsMore();
      this.at = item.start;
      if (item.tag === SEQUENCE_END) return;
      if (item.tag !== ITEM) throw new NeedsMore(); // no sequence: read no further
      if (item.length !== UNDEFINED) this.at += item.length;
      else this.#skipElements(explicit);
    }
  }

  #skipElements(explicit) {
    for (;;) {
      const element = this.#next(explicit);
      if (!element) throw new NeedsMore();
      if (element.tag === ITEM_END) {
        this.at = element.start;
        return;
      }
      this.#skip(element, explicit);
    }
  }
}

// Whose file it is, as a number that means nothing outside this page: it is compared, and never shown or sent.
const patients = new Map();
function numberOf(id, issuer = "") {
  const key = `${issuer.toLowerCase()}\0${id.toLowerCase()}`;
  if (!patients.has(key)) patients.set(key, patients.size + 1);
  return patients.get(key);
}

const plain = (text = "") => (/^[ -~]*$/.test(text) ? text : ""); // other letters: the server knows the character set

// As the server reads them in most languages; of others the card says nothing.
const SIDES = { L: "L", LEFT: "L", R: "R", RIGHT: "R", B: "B", BOTH: "B", BILATERAL: "B", U: "U", UNPAIRED: "U" };

function described(tags) {
  const found = tags ?? {};
  const laterality = plain(found.imageLaterality) || plain(found.laterality);
  return {
    isRead: tags !== null,
    accession: plain(found.accession),
    bodyPart: plain(found.bodyPart),
    view: plain(found.view),
    laterality: SIDES[laterality.toUpperCase()] ?? "",
    study: plain(found.study),
    patient: found.patientId ? numberOf(found.patientId, found.patientIdIssuer) : 0,
  };
}
