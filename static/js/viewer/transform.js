// Where a picture lies on the screen. Points of the picture are in its shown (square) pixels, points of the screen
// in CSS pixels from the viewer's corner. A view is {scale, x, y, turn, flip}: CSS pixels a picture's pixel, or null
// for what fits; the point in the viewer's middle as fractions of the picture; quarter turns to the right; whether
// it is mirrored.

export const FITTED = Object.freeze({ scale: null, x: 0.5, y: 0.5, turn: 0, flip: false });
const TURNS = [[1, 0], [0, 1], [-1, 0], [0, -1]]; // cosine, sine

export function fitScale({ turn }, picture, room) {
  const [wide, high] = turn % 2 ? [picture.height, picture.width] : [picture.width, picture.height];
  const rim = 2 * (room.rim ?? 0);
  return Math.min((room.width - rim) / wide, (room.height - rim) / high);
}

export const scaleOf = (view, picture, room) => view.scale ?? fitScale(view, picture, room);

// As CSS writes it, [a, b, c, d, e, f]: x' = a x + c y + e, y' = b x + d y + f.
export function matrixOf(view, picture, room, ratio = 1) {
  const scale = scaleOf(view, picture, room);
  const [cosine, sine] = TURNS[view.turn], mirror = view.flip ? -1 : 1;
  const [a, b, c, d] = [cosine * mirror * scale, sine * mirror * scale, -sine * scale, cosine * scale];
  const x = view.x * picture.width, y = view.y * picture.height;
  let e = room.width / 2 - a * x - c * y, f = room.height / 2 - b * x - d * y;
  // One picture's pixel on one of the screen's: between two of them all would be mixed.
  if (Math.abs(scale * ratio - 1) < 1e-6) [e, f] = [Math.round(e * ratio) / ratio, Math.round(f * ratio) / ratio];
  return [a, b, c, d, e, f];
}

export function inverse([a, b, c, d, e, f]) {
  const area = a * d - b * c;
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area];
}

export const times = ([a, b, c, d, e, f], [g, h, i, j, k, l]) => [
  a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f,
];

export const moved = ([a, b, c, d, e, f], x, y) => [a * x + c * y + e, b * x + d * y + f];

const inside = (part) => Math.min(1, Math.max(0, part));

// The view in which the picture's point `point` lies at the screen's point `at`.
function holding(view, picture, room, [x, y], at) {
  const still = matrixOf({ ...view, x: 0, y: 0 }, picture, room);
  const [left, top] = moved(inverse(still), at[0], at[1]);
  return { ...view, x: inside((x - left) / picture.width), y: inside((y - top) / picture.height) };
}

// Enlarged by `factor`; what lies under `at` stays there.
export function zoomed(view, picture, room, factor, at, ratio = 1) {
  const fit = fitScale(view, picture, room);
  const wanted = scaleOf(view, picture, room) * factor;
  const scale = Math.min(Math.max(12 * fit, 16 / ratio), Math.max(Math.min(fit, 1 / ratio), wanted));
  const under = moved(inverse(matrixOf(view, picture, room)), ...at);
  return holding({ ...view, scale }, picture, room, under, at);
}

export function panned(view, picture, room, across, down) {
  const middle = [view.x * picture.width, view.y * picture.height];
  const fixed = { ...view, scale: scaleOf(view, picture, room) };
  return holding(fixed, picture, room, middle, [room.width / 2 + across, room.height / 2 + down]);
}

export const fitted = (view) => ({ ...view, scale: null, x: 0.5, y: 0.5 });
export const turned = (view, quarters = 1) => ({ ...view, turn: (view.turn + quarters + 4) % 4 });
// What is on the screen is mirrored from left to right, however it is turned.
export const flipped = (view) => ({ ...view, flip: !view.flip, turn: (4 - view.turn) % 4 });
export const isEnlarged = (view, picture, room) =>
  scaleOf(view, picture, room) > fitScale(view, picture, room) * 1.001;
