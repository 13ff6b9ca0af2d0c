// What the page's scripts say: the sentences stand in the template, in the person's language.

export const texts = document.getElementById("texts").dataset;
export const fill = (template, values) => template.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

const language = document.documentElement.lang || undefined;
const [whole, tenths] = [0, 1].map((digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits }));
export const sizeOf = ({ size }) =>
  size < 100_000 ? `${whole.format(Math.ceil(size / 1024))} kB` : `${tenths.format(size / 1048576)} MB`;

// The first few names, and how many more.
export function someOf(names, most = 5) {
  const more = names.length - most;
  const shown = names.slice(0, more > 0 ? most : undefined).join(", ");
  return more > 0 ? `${shown} ${fill(texts.andMore, { n: more })}` : shown;
}

// One line for a case: its number, else its file, else how many pictures it has.
export function titleOf(item, accession) {
  if (accession) return accession;
  const [first] = item.pictures;
  return item.pictures.length === 1 ? first.name : `${fill(texts.pictures, { n: item.pictures.length })}: ${first.name} …`;
}
