"""Compares a detector's maps with true boxes: is the focus in one, and which one does a candidate find?

The outcomes don't contain the position of a box, so they may leave the run's folder.
"""

from dataclasses import dataclass

import numpy as np

from classifier.boxes import Point
from classifier.peaks import Peak, focus_of, peaks_of
from training.evaluation.detector.held_out import HeldOut

# A fracture is found if the point lies in its box, enlarged by 15 % of the box's side. Annotators' boxes of
# one fracture differ by this much, and at 448 pixels a cell is a third of the median box.
MARGIN = 0.15
OVERLAP, MOST = (
    0.3,
    5,
)  # of the candidates, as in a release; ``served`` measures those that a page shows
# Size classes, by the side of a square of the box's area, as a share of the picture's longer side. Of the
# 696 boxes in FracAtlas 39 % are small, 50 % medium and 11 % large; of the 451 in ``boxes`` 41, 39 and 20 %.
# At an input of 448 pixels a small one is below 22 pixels, under three of the detector's cells; a large one
# has at least 45, which would be 22 at an input of 224 pixels.
SMALL_BELOW, LARGE_FROM = 0.05, 0.10
SIZES = ("small", "medium", "large")


@dataclass(frozen=True)
class Hit:
    """What one candidate finds. ``box``: index of the true box that contains its centre; -1 for none.

    ``overlap``: intersection over union with this box. ``size``: index of the box in ``SIZES``; -1 for none.
    """

    heat: float
    box: int
    overlap: float
    size: int


_MISS = (-1, 0.0, -1)


def focus_in_box(held_out: HeldOut, picture: int) -> int:
    """1 or 0: whether the strongest cell lies in a true box; -1 if the picture has no box."""
    boxes = held_out.true_boxes(picture)
    if not len(boxes):
        return -1
    point = focus_of(
        held_out.arrays["heat"][picture].astype(np.float32), held_out.place(picture), held_out.size
    )
    return int(holding(boxes, point).any())


def hits_of(held_out: HeldOut, picture: int) -> list[Hit]:
    """The hit of each candidate box; the best candidate comes first."""
    heat, extent = (
        held_out.arrays[name][picture].astype(np.float32) for name in ("heat", "extent")
    )
    peaks = peaks_of(heat, extent, held_out.place(picture), held_out.size, OVERLAP, MOST)
    boxes = held_out.true_boxes(picture)
    return matched(peaks, boxes, size_classes(boxes, held_out.arrays["sizes"][picture]))


def matched(peaks: list[Peak], boxes: np.ndarray, sizes: np.ndarray) -> list[Hit]:
    """The hit of each candidate: the box that contains its centre.

    If there are several, a box that no better candidate has found comes first, then the nearest centre. A
    second candidate on a box gets the same index: it finds nothing new, but it isn't a false box.
    """
    found: set[int] = set()
    hits = []
    for peak in peaks:
        left, top, right, bottom = peak.corners
        centre = Point((left + right) / 2, (top + bottom) / 2)
        choice = [int(index) for index in np.flatnonzero(holding(boxes, centre))]
        if not choice:
            hits.append(Hit(peak.heat, *_MISS))
            continue
        middles = boxes[:, :2] + boxes[:, 2:] / 2
        off = np.abs(middles - (centre.x, centre.y)).max(1)
        best = min(choice, key=lambda index: (index in found, off[index], index))
        found.add(best)
        hits.append(Hit(peak.heat, best, _overlap(peak.corners, boxes[best]), int(sizes[best])))
    return hits


def holding(boxes: np.ndarray, point: Point) -> np.ndarray:
    """(K,) bool: which of the (K, 4) boxes, enlarged by ``MARGIN`` of their sides, contain the point."""
    if not len(boxes):
        return np.zeros(0, bool)
    beyond = MARGIN * boxes[:, 2:]
    low, high = boxes[:, :2] - beyond, boxes[:, :2] + boxes[:, 2:] + beyond
    at = np.array([point.x, point.y])
    found: np.ndarray = ((low <= at) & (at <= high)).all(1)
    return found


def size_classes(boxes: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(K, 4) boxes of a picture of ``size`` (width, height) pixels → (K,) indices of ``SIZES``."""
    width, height = (float(side) for side in size)
    sides = np.sqrt(boxes[:, 2] * width * boxes[:, 3] * height) / max(width, height)
    return np.digitize(sides, (SMALL_BELOW, LARGE_FROM))


def _overlap(corners: tuple[float, float, float, float], box: np.ndarray) -> float:
    left, top, right, bottom = corners
    x, y, width, height = box
    across = min(right, x + width) - max(left, x)
    down = min(bottom, y + height) - max(top, y)
    common = max(across, 0.0) * max(down, 0.0)
    both = (right - left) * (bottom - top) + width * height - common
    return float(common / both) if both else 0.0
