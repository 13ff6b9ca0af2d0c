"""Marks that somebody drew on a radiograph: colour, arrows, rows of letters. A simple detector, with limits.

A network can learn such marks in place of bone, so the audit counts them by class. It searches for colour in
a grey picture, and for compact shapes of pure white or black with a hard edge all round: bone and metal have
soft edges, drawings have not. It misses thin lines, grey or translucent marks, letters that touch the
picture's edge, and what strong compression has softened. A lead side marker ("L") may look like a letter, so
a single letter is not reported.
"""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

MARK_TYPES = ("colour", "arrow", "text")
_LONGEST = 640  # pixels of the longer side in which marks are searched
_CHROMA = 60  # difference between the strongest and the weakest channel, 0..255
_WHITE, _BLACK = 240, 12
_CONTRAST = 70  # grey levels between a shape and its surroundings


@dataclass(frozen=True)
class Shape:
    """One connected patch of pure white or black: its bounding box, its pixels and its mask."""

    left: int
    top: int
    width: int
    height: int
    area: int
    mask: np.ndarray


def find_marks(pixels: np.ndarray, data: bytes) -> list[str]:
    """(H, W) grey pixels and the file that they come from → those of ``MARK_TYPES`` that were found,
    sorted.
    """
    grey = _eight_bits(pixels)
    shapes = [*_shapes(grey, grey >= _WHITE, 1), *_shapes(grey, grey <= _BLACK, -1)]
    rows = _in_rows(shapes)
    found = set()
    if _has_colour(data):
        found.add("colour")
    if rows:
        found.add("text")
    if any(_is_arrow(shape) for shape in shapes if shape not in rows):
        found.add("arrow")
    return sorted(found)


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    """(h, w) uint8, the longer side at most 640 pixels."""
    grey = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    scale = _LONGEST / max(grey.shape)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def _has_colour(data: bytes) -> bool:
    """Whether some pixels, but not too many, have more colour than the picture's own tint."""
    try:
        picture = Image.open(io.BytesIO(data))
        if picture.mode in ("L", "1", "I;16", "I", "F"):
            return False
        picture.draft("RGB", (_LONGEST, _LONGEST))
        picture.thumbnail((_LONGEST, _LONGEST))
        channels = np.asarray(picture.convert("RGB"), np.int16)
    except (OSError, ValueError):
        return False  # a DICOM file is grey
    chroma = channels.max(2) - channels.min(2)
    share = float((chroma - np.median(chroma) > _CHROMA).mean())
    return 0.0002 < share < 0.3


def _shapes(grey: np.ndarray, mask: np.ndarray, sign: int) -> list[Shape]:
    """The patches of ``mask`` with a hard edge to their surroundings."""
    _, marked, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    height, width = grey.shape
    left, top, wide, high, area = stats.T
    inside = (left > 2) & (top > 2) & (left + wide < width - 2) & (top + high < height - 2)
    longer = np.maximum(wide, high)
    fit = inside & (area >= 12) & (longer >= 5) & (longer <= 0.3 * max(height, width))
    found = []
    for index in np.flatnonzero(fit):
        left, top, wide, high, area = (int(stat) for stat in stats[index])
        window = (slice(max(0, top - 5), top + high + 5), slice(max(0, left - 5), left + wide + 5))
        own = (marked[window] == index).astype(np.uint8)
        if sign * _stands_off(grey[window].astype(np.int16), own, sign) >= _CONTRAST:
            box = marked[top : top + high, left : left + wide] == index
            found.append(Shape(left, top, wide, high, area, box))
    return found


def _stands_off(grey: np.ndarray, own: np.ndarray, sign: int) -> float:
    """The difference between the patch and a ring three to four pixels away, at the ring's closest tenth."""
    near = cv2.dilate(own, np.ones((5, 5), np.uint8))
    ring = (cv2.dilate(own, np.ones((9, 9), np.uint8)) > 0) & (near == 0)
    if not ring.any():
        return 0.0
    nearest = np.percentile(grey[ring], 85 if sign > 0 else 15)
    return float(np.median(grey[own > 0]) - nearest)


def _in_rows(shapes: list[Shape]) -> list[Shape]:
    """The shapes that stand beside two others of their height on one line, as letters do."""
    letters = [
        shape for shape in shapes if 6 <= shape.height <= 60 and shape.width <= 2.5 * shape.height
    ]
    return [letter for letter in letters if sum(_beside(letter, other) for other in letters) >= 2]


def _beside(one: Shape, other: Shape) -> bool:
    tall = max(one.height, other.height)
    gap = max(one.left, other.left) - min(one.left + one.width, other.left + other.width)
    return (
        one is not other
        and tall <= 1.6 * min(one.height, other.height)
        and abs(one.top + one.height - other.top - other.height) <= 0.35 * tall
        and gap <= 2.5 * tall
    )


def _is_arrow(shape: Shape) -> bool:
    """A filled triangle, or a shaft with a head: wide at only one end of its long axis."""
    if shape.area < 40 or max(shape.width, shape.height) < 10:
        return False
    points = np.argwhere(shape.mask).astype(np.float32)
    points -= points.mean(0)
    spread, axes = np.linalg.eigh(np.cov(points.T))
    along, across = points @ axes[:, 1], points @ axes[:, 0]
    place = (along - along.min()) / max(float(np.ptp(along)), 1e-6)
    tenths = np.minimum((place * 6).astype(int), 5)
    widths = np.array(
        [np.ptp(across[tenths == at]) if (tenths == at).any() else 0 for at in range(6)]
    )
    ends = sorted((float(widths[:2].max()), float(widths[4:].max())))
    long = float(np.sqrt(spread[1] / max(float(spread[0]), 1e-6)))
    symmetric = abs(float((across**3).mean())) < 0.5 * float(np.std(across)) ** 3
    return symmetric and long >= 1.15 and ends[1] >= 1.8 * max(ends[0], 1.0) and ends[1] >= 5
