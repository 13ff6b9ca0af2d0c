// From the pixels of a rendition to the greys of a screen, as classifier/voi.py makes the display of them.
//
// A look is {scale, window}. The scale turns a code (the stored bits of a pixel) into a level: linear, or by a table
// of greys. The window turns a level into a grey.

const WHITE = 255;

// 0 (black) to 1 (white) of a level.
function share(level, { center, width, shape }) {
  if (shape === "SIGMOID") return 1 / (1 + Math.exp((-4 * (level - center)) / width));
  if (shape === "LINEAR_EXACT" || width < 1) return (level - center) / width + 0.5;
  return (level - (center - 0.5)) / Math.max(width - 1, 1e-6) + 0.5;
}

export function levelOf(scale, pixel) {
  if (!scale.table) return (scale.slope * pixel) / scale.step + scale.intercept;
  const at = pixel / scale.step, low = Math.min(Math.floor(at), scale.table.length - 1);
  const above = scale.table[Math.min(low + 1, scale.table.length - 1)];
  return scale.table[low] + (above - scale.table[low]) * (at - low);
}

// The grey of each possible pixel: 256 or 65,536 bytes. Where levels fall as pixels become brighter, as in a
// MONOCHROME1 film, the window turns round.
export function greysOf({ scale, window }, bits, inverted = false) {
  const greys = new Uint8Array(2 ** bits);
  const turned = (scale.slope < 0) !== inverted;
  for (let pixel = 0; pixel < greys.length; pixel++) {
    const part = Math.min(1, Math.max(0, share(levelOf(scale, pixel), window)));
    greys[pixel] = Math.round((turned ? 1 - part : part) * WHITE);
  }
  return greys;
}

const fullBits = (bits) => (bits > 8 ? 16 : 8);
const linear = (facts, slope, intercept, unit) => ({
  slope, intercept, unit, step: 2 ** (fullBits(facts.bits) - facts.bits), top: 2 ** fullBits(facts.bits) - 1,
});

// The stored numbers themselves, where nobody knows what the header's are.
export const plainScale = (facts) => linear(facts, 1, 0, "grey");

// The levels of the header's windows, where the site says them.
export const headerScale = ({ said, ...facts }) => (said?.levels ? linear(facts, ...said.levels, "header") : null);

// What they can be of a picture of before, of which no column says whether its stored numbers have a sign, or come from
// a table (modality LUT). Which one is right is seen from the display (matching.js).
export function headerScales(facts) {
  const top = 2 ** facts.bits - 1, half = 2 ** (facts.bits - 1);
  return [[facts.slope, facts.intercept, 0], [facts.slope, facts.intercept, half], [1, 0, 0]].map(([slope, intercept, lift]) =>
    facts.whiteZero !== slope < 0
      ? linear(facts, -slope, (top - lift) * slope + intercept, "header")
      : linear(facts, slope, intercept - lift * slope, "header"),
  );
}

// By a table of greys: the header's, or ("guess") one that was made of the display. `step`: pixels from one to the next.
export const tableLook = (table, step, unit) => ({
  scale: { table, step, slope: 1, unit },
  window: { center: 127.5, width: WHITE, shape: "LINEAR_EXACT" },
});

// The look that the display of a curve was made with; null where the site doesn't say it.
export function saidLook(facts, curve) {
  const { said } = facts, plain = plainScale(facts);
  if (said?.range) return lookBetween(plain, ...said.range);
  if (curve.width) {
    const scale = headerScale(facts);
    return scale && { scale, window: { center: curve.center, width: curve.width, shape: said.function } };
  }
  if (!curve.runs) return null;
  const table = new Float32Array(2 ** facts.bits), { runs } = curve;
  for (let at = 0; at < runs.length; at += 2) table.fill(runs[at + 1], runs[at], runs[at + 2]);
  return tableLook(table, plain.step, "table");
}

// The look in which the pixel `low` is black and `high` white.
export function lookBetween(scale, low, high) {
  const [from, to] = [levelOf(scale, low), levelOf(scale, high)];
  const width = Math.max(Math.abs(to - from), 1 / 1024);
  return { scale, window: { center: (from + to) / 2, width, shape: "LINEAR_EXACT" } };
}

// A drag by so many pixels of the screen: to the right wider, upwards brighter. A window of a single value must become
// wider too, so that a drag has never less to take hold of than a small part of all values.
export function dragged({ scale, window }, across, down) {
  const span = scale.table ? WHITE : Math.abs((scale.slope * scale.top) / scale.step);
  const least = span / 512, held = window.width + least, { shape } = window;
  const width = Math.max(held * Math.exp(across / 250) - least, Math.min(window.width, least / 8));
  const darker = scale.slope < 0 ? -1 : 1;
  const isSmall = shape === "LINEAR" && window.width < 1; // and stays what it is shown as (see `share`)
  const center = window.center + (darker * down * held) / 400;
  return { scale, name: "", window: { center, width, shape: isSmall ? "LINEAR_EXACT" : shape } };
}

// A window that was set on the greys of a display, on what these were made of by `standard`: what this one clips comes
// back. Null where greys don't rise evenly.
export function unfolded({ center, width }, { scale, window }) {
  if (scale.table || window.shape === "SIGMOID") return null;
  const isWhole = window.shape === "LINEAR" && window.width >= 1;
  const [middle, whole] = isWhole ? [window.center - 0.5, window.width - 1] : [window.center, window.width];
  const turned = scale.slope < 0 ? -1 : 1;
  return {
    scale,
    window: {
      center: middle + turned * (center / WHITE - 0.5) * whole,
      width: Math.max((width / WHITE) * whole, 1 / 1024),
      shape: "LINEAR_EXACT",
    },
  };
}

// What `look` is to `standard`, to another picture's own look.
export function likewise(look, standard, own) {
  const { window: from } = standard, { window: to } = own;
  const isOfThem = [standard, own].every(({ scale }) => scale.unit === look.scale.unit);
  if (!isOfThem) return own;
  const turned = (look.scale.slope < 0) !== (own.scale.slope < 0) ? -1 : 1;
  const center = to.center + (turned * (look.window.center - from.center) * to.width) / from.width;
  return { scale: own.scale, window: { ...to, center, width: (to.width * look.window.width) / from.width } };
}

// What the header's numbers mean for a range of pixels: {low, high} of a histogram, as numpy.percentile gives them.
export function percentile(histogram, count, percent) {
  const place = ((count - 1) * percent) / 100, whole = Math.floor(place);
  const at = (wanted) => {
    for (let pixel = 0, seen = 0; pixel < histogram.length; pixel++) {
      seen += histogram[pixel];
      if (seen > wanted) return pixel;
    }
    return histogram.length - 1;
  };
  const low = at(whole);
  return place === whole ? low : low + (at(whole + 1) - low) * (place - whole);
}
