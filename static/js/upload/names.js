// What a file's name says: that it is no picture, or which order it belongs to.

// The catalogue of a DICOM medium, and what systems leave in folders.
const JUNK = /^(\..*|thumbs\.db|desktop\.ini|autorun\.inf|dicomdir|~\$.*)$/i;
// What lies beside the pictures in a folder: the viewer of a patient's CD, letters, logs. A file that somebody chose
// alone is taken at their word, and the server says what it is.
const BESIDE = new Set(
  ("app bat cfg chm cmd com conf css csv dat db dll doc docx dmg dylib exe htm html icns ico inf ini jar js json lnk log " +
    "md msi ocx odt pdf pkg ppt pptx rtf sh so sys txt url xls xlsx xml xsl zip 7z rar").split(" "),
);

const endingOf = (name) => (name.includes(".") ? name.split(".").pop().toLowerCase() : "");
export const isJunk = (name, inFolder = false) => JUNK.test(name) || (inFolder && BESIDE.has(endingOf(name)));

// Numbers of a camera, a scanner or a DICOM medium, and UIDs.
const GIVEN_BY_A_DEVICE = /^((img|dsc|dscn|pxl|dcim|scan|image|photo|picture|vid|im|i)[\W_]*\d|screenshot|whatsapp|pasted|\d+(\.\d+){3})/i;

// The order's number that a file's name may hold: "4711-2025 AP.jpg". null for the names that cameras and programs give.
export function proposedAccession(name) {
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "");
  if (GIVEN_BY_A_DEVICE.test(stem)) return null;
  const word = stem.split(/[\s_]+/).find((part) => /\d{4}/.test(part));
  if (!word || /^(19|20)\d{2}[-.]?\d{2}[-.]?\d{2}/.test(word)) return null; // a date
  return /^[A-Za-z0-9./-]{4,64}$/.test(word) ? word : null;
}
