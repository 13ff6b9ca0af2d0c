"""Changes to a radiograph that don't touch a fracture. A call that follows them uses a shortcut."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from classifier.preprocess import Preprocessing, placement, stored
from training.datasets.detector_pictures import FRACATLAS, Pictures
from training.fitting.detection.overlays import with_marker, with_rim


def choose_for_alteration(
    pictures: Pictures, test: np.ndarray, count: int, seed: int
) -> np.ndarray:
    """(n,) rows of held-out pictures of FracAtlas: at most ``count``, half of them fractured."""
    rng = np.random.default_rng(seed)
    own = test & (pictures.collections == FRACATLAS)
    halves = [
        rng.permutation(np.flatnonzero(own & (pictures.fractured == state)))[: count // 2]
        for state in (True, False)
    ]
    return np.sort(np.concatenate(halves))


def altered(pictures: Pictures, rows: np.ndarray, name: str, seed: int) -> np.ndarray:
    """(n, S, S) uint8: the pictures of ``rows`` after the change ``name`` of ``ALTERATIONS``."""
    size = pictures.pixels.shape[-1]
    out = []
    for row in rows:
        rng = np.random.default_rng([seed, int(row)])
        width, height = pictures.rows[row].size
        place = placement(height, width, size)
        content = pictures.pixels[row][
            place.top : place.top + place.height, place.left : place.left + place.width
        ]
        corners = pictures.corners(int(row), size) - [place.left, place.top] * 2
        changed = ALTERATIONS[name](content.astype(np.float32) / 255, corners, rng)
        eight_bit = (changed * 255).round().astype(np.uint8)
        out.append(stored(eight_bit, Preprocessing(size=size)))
    return np.stack(out)


def _marker(content: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a marker anywhere in the picture, but not on a fracture."""
    for _ in range(100):
        found = _square(content, with_marker, rng)
        changed = np.abs(found - content) > 0.01
        on_break = any(changed[_slices(box, content.shape)].any() for box in corners)
        if changed.any() and not on_break:
            return found
    return content


def _rim(content: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _square(content, with_rim, rng)


def _crop(content: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cuts off up to a tenth of each side, but no fracture."""
    height, width = content.shape
    top, bottom = (int(share * height) for share in rng.uniform(0, 0.1, 2))
    left, right = (int(share * width) for share in rng.uniform(0, 0.1, 2))
    if len(corners):
        left, top = min(left, int(corners[:, 0].min())), min(top, int(corners[:, 1].min()))
        right = min(right, width - int(np.ceil(corners[:, 2].max())))
        bottom = min(bottom, height - int(np.ceil(corners[:, 3].max())))
    left, top, right, bottom = (max(0, edge) for edge in (left, top, right, bottom))
    return content[top : height - bottom, left : width - right]


def _rescale(content: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scales the picture to 0.6 to 1.6 of each side."""
    height, width = content.shape
    scale = rng.uniform(0.6, 1.6)
    sides = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(content).resize(sides, Image.Resampling.BICUBIC)).clip(0, 1)


_Change = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
ALTERATIONS: dict[str, _Change] = {
    "marker": _marker,
    "rim": _rim,
    "crop": _crop,
    "rescale": _rescale,
}
"""(h, w) of 0..1, and the corners of its breaks in pixels → the changed picture, of another shape too."""


def _square(
    content: np.ndarray,
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Applies a change of square pictures to a picture of any shape."""
    height, width = content.shape
    side = max(height, width)
    square = np.zeros((side, side), np.float32)
    square[:height, :width] = content
    return change(square, rng)[:height, :width]


def _slices(box: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    left, top, right, bottom = box
    return (
        slice(max(0, int(top)), min(shape[0], int(np.ceil(bottom)))),
        slice(max(0, int(left)), min(shape[1], int(np.ceil(right)))),
    )
