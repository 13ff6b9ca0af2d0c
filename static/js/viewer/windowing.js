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
  const at = (pixel * (scale.table.length - 1)) / scale.top, low = Math.floor(at);
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

// What the levels of the header's windows can be. No column says whether the stored numbers have a sign: which one
// is right is seen from the display (matching.js).
export function headerScales(facts) {
  const { slope, intercept, bits } = facts;
  const top = 2 ** bits - 1, isInverted = facts.whiteZero !== slope < 0;
  return [0, 2 ** (bits - 1)].map((lift) =>
    isInverted
      ? linear(facts, -slope, (top - lift) * slope + intercept, "header")
      : linear(facts, slope, intercept - lift * slope, "header"),
  );
}

// A display whose curve is not known: its greys by its pixels.
export const tableLook = (facts, table) => ({
  scale: { table, slope: 1, unit: "table", top: 2 ** fullBits(facts.bits) - 1 },
  window: { center: 127.5, width: 255, shape: "LINEAR_EXACT" },
});

// The look in which the pixel `low` is black and `high` white.
export function lookBetween(scale, low, high) {
  const [from, to] = [levelOf(scale, low), levelOf(scale, high)];
  const width = Math.max(Math.abs(to - from), 1 / 1024);
  return { scale, window: { center: (from + to) / 2, width, shape: "LINEAR_EXACT" } };
}

// A drag by so many pixels of the screen: to the right wider, upwards brighter.
export function dragged(look, across, down) {
  const { center, width } = look.window;
  const wider = width * Math.exp(across / 250);
  const darker = look.scale.slope < 0 ? -1 : 1;
  return { ...look, name: "", window: { ...look.window, width: wider, center: center + (darker * down * width) / 400 } };
}

// What `look` is to `standard`, to another picture's own look.
export function likewise(look, standard, own) {
  const { window: from } = standard, { window: to } = own;
  const isOfThem = look.scale.unit === standard.scale.unit;
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
