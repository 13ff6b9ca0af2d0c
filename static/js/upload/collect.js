// What a person chooses, drops or pastes becomes a list of pictures. Folders are walked; what is no picture is skipped and said.

import { newPicture } from "./batch.js";
import { readHeader } from "./header.js";
import { isJunk } from "./names.js";

export const MOST = 500; // cards that a page still draws at once; more is one folder too high
const AT_ONCE = 8; // headers that are read at the same time: a network drive answers slowly

// [{file, inFolder}] of a file field, a folder field or the clipboard.
export const ofFiles = (files) =>
  [...files].map((file) => ({ file, name: file.name, inFolder: Boolean(file.webkitRelativePath) }));

// The same of what was dropped. To be called in the event itself: after it the entries are gone.
export function ofDrop(data) {
  const items = [...data.items].filter((item) => item.kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  return Promise.all(
    found.map(({ entry, file }) => (entry?.isDirectory ? walk(entry) : file ? ofFiles([file]) : [])),
  ).then((lists) => lists.flat());
}

async function walk(entry) {
  if (entry.isFile) {
    if (isJunk(entry.name, true)) return [{ name: entry.name, inFolder: true }];
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    return [{ file, name: entry.name, inFolder: true, isFaulty: !file }];
  }
  const found = [];
  for (const inside of await entriesOf(entry)) {
    found.push(...(await walk(inside)));
    if (found.length > MOST * 10) break;
  }
  return found;
}

async function entriesOf(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([]))); // a hundred at a time
    if (!some.length) return all.sort((one, other) => inOrder(one.name, other.name));
    all.push(...some);
  }
}

const inOrder = new Intl.Collator(undefined, { numeric: true }).compare; // 2.jpg before 10.jpg

// {pictures, skipped: [name], tooMany}
export async function picturesOf(found) {
  const skipped = found.filter(({ name, inFolder }) => isJunk(name, inFolder)).map(({ name }) => name);
  const taken = found.filter(({ name, inFolder }) => !isJunk(name, inFolder));
  if (taken.length > MOST) return { pictures: [], skipped, tooMany: taken.length };
  const pictures = [];
  for (let start = 0; start < taken.length; start += AT_ONCE) {
    pictures.push(...(await Promise.all(taken.slice(start, start + AT_ONCE).map(pictureOf))));
  }
  return { pictures, skipped, tooMany: 0 };
}

// A file that is chosen twice is one picture. The names may be alike in two folders, so the bytes are compared.
export async function apart(pictures, onPage) {
  const [fresh, known] = [[], []];
  for (const picture of pictures) {
    const alike = [...onPage, ...fresh].filter(({ name, file }) => name === picture.name && file.size === picture.file.size);
    const same = await Promise.all(alike.map(({ file }) => haveSameBytes(file, picture.file)));
    if (same.includes(true)) known.push(picture.name);
    else fresh.push(picture);
  }
  return { fresh, known };
}

async function haveSameBytes(one, other) {
  try {
    const [left, right] = await Promise.all([one.arrayBuffer(), other.arrayBuffer()]);
    const [bytes, others] = [new Uint8Array(left), new Uint8Array(right)];
    return bytes.every((byte, index) => byte === others[index]);
  } catch {
    return false; // one of them can't be read
  }
}

async function pictureOf({ file, name }) {
  if (!file) return newPicture(new File([], name), { fault: "unreadable" });
  try {
    return newPicture(file, { header: await readHeader(file) });
  } catch {
    return newPicture(file, { fault: "unreadable" }); // a folder that the browser gives as a file, or a file that is gone
  }
}
