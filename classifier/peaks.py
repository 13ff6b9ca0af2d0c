"""Where a fracture is: turns the detector's maps into boxes, a point and a map of the picture.

It uses numpy and scipy only, so that both engines give the same boxes. Torchvision's non-maximum suppression
has no kernel beside the CPU build of torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter

from classifier.activation import spanning
from classifier.boxes import Box, BoxRule, Point
from classifier.preprocess import Placement

# A box is dropped if this share of it lies within a better one: both are on the same fracture, although their
# intersection over union is small. 0.7 ("most of it") is a choice; nobody has tuned it.
_NESTED = 0.7
_CANDIDATES = 100  # in a flat map every cell is a peak; comparing the strongest hundred is enough
# Corners are rounded to multiples of 1/10,000, so that x + width is at most 1 after rounding too.
_UNITS = 10_000
# Cells from the middle to each side: the smallest box is half a cell (4 pixels) wide. A choice, so that no
# box is empty.
_LEAST_EXTENT = 0.25
MAP_CELLS = 56  # longer side of a finding's map: the detector's own grid, 448 pixels at stride 8


@dataclass(frozen=True)
class Peak:
    """A cell that is at least as strong as its eight neighbours.

    ``heat``: its raw log-odds. ``point``: its middle. ``corners``: left, top, right and bottom of its box, in
    fractions of the picture, clipped to it.
    """

    heat: float
    point: Point
    corners: tuple[float, float, float, float]


def focus_of(heat: np.ndarray, place: Placement, size: int) -> Point:
    """The middle of the strongest cell in the picture. ``heat``: (h, w) over a square of ``size`` pixels."""
    rows, columns = inside(heat.shape, place, size)
    row, column = np.unravel_index(
        int(_finite(heat)[rows, columns].argmax()), _shape(rows, columns)
    )
    return _middle(rows.start + int(row), columns.start + int(column), heat.shape, place, size)


def peaks_of(
    heat: np.ndarray, extent: np.ndarray, place: Placement, size: int, overlap: float, most: int
) -> list[Peak]:
    """The peaks in the picture, strongest first, at least one. If two have the same box, the better one
    stays.

    Args:
        heat: (h, w) raw log-odds of cells over the square input of ``size`` pixels.
        extent: (4, h, w) distances in cells from a cell's middle to its box's left, top, right, bottom.
        place: where the picture lies in the square. Cells in the letterbox's bars are ignored.
        overlap: see ``BoxRule``.
        most: the largest number of peaks.
    """
    rows, columns = inside(heat.shape, place, size)
    strength = _finite(heat)[rows, columns]
    found_rows, found_columns = np.nonzero(strength == maximum_filter(strength, 3, mode="nearest"))
    order = np.argsort(-strength[found_rows, found_columns], kind="stable")[:_CANDIDATES]
    kept: list[Peak] = []
    for row, column in zip(found_rows[order], found_columns[order], strict=True):
        at = (rows.start + int(row), columns.start + int(column))
        peak = _peak(float(strength[row, column]), extent, at, place, size)
        if not any(_same(peak.corners, better.corners, overlap) for better in kept):
            kept.append(peak)
        if len(kept) == most:
            break
    return kept


def boxes_of(
    heat: np.ndarray, extent: np.ndarray, place: Placement, size: int, rule: BoxRule
) -> tuple[Box, ...]:
    """The boxes of a picture that is called positive or in doubt: best first, at least one."""
    peaks = peaks_of(heat, extent, place, size, rule.overlap, int(rule.most))
    return tuple(_boxes(peaks, rule))


def fracture_map_of(heat: np.ndarray, place: Placement, size: int, rule: BoxRule) -> np.ndarray:
    """(h, w) raw log-odds over the square → float32 of 0..1 over exactly the picture, longer side 56."""
    rows, columns = inside(heat.shape, place, size)
    margins = [
        (span.start, cells - span.stop)
        for span, cells in zip((rows, columns), heat.shape, strict=True)
    ]
    # Interpolation must not mix values of the letterbox's bars into the picture's edge.
    own = np.pad(rule.probability(heat[rows, columns]), margins, mode="edge").astype(np.float32)
    return spanning(own, place, size, MAP_CELLS)


def inside(shape: tuple[int, ...], place: Placement, size: int) -> tuple[slice, slice]:
    """Rows and columns of the (h, w) cells whose middle lies in the picture; at least one of each."""
    return (
        _span(shape[0], place.top, place.height, size),
        _span(shape[1], place.left, place.width, size),
    )


def _span(cells: int, start: int, length: int, size: int) -> slice:
    cell = size / cells
    first = int(np.ceil(start / cell - 0.5))
    last = int(np.floor((start + length) / cell - 0.5))
    if last < first:  # a narrow picture between two cells' middles: the cell at its own middle
        first = last = int((start + length / 2) / cell)
    return slice(max(first, 0), min(last, cells - 1) + 1)


def _shape(rows: slice, columns: slice) -> tuple[int, int]:
    return rows.stop - rows.start, columns.stop - columns.start


def _finite(heat: np.ndarray) -> np.ndarray:
    """Replaces NaN by the least value, so that no peak is there, and infinity by a large one."""
    return np.nan_to_num(heat.astype(np.float64), nan=-np.inf, posinf=1e9, neginf=-1e9).clip(-1e9)


def _middle(row: int, column: int, shape: tuple[int, ...], place: Placement, size: int) -> Point:
    across = ((column + 0.5) * size / shape[1] - place.left) / place.width
    down = ((row + 0.5) * size / shape[0] - place.top) / place.height
    return Point(round(min(max(across, 0.0), 1.0), 4), round(min(max(down, 0.0), 1.0), 4))


def _peak(
    heat: float, extent: np.ndarray, at: tuple[int, int], place: Placement, size: int
) -> Peak:
    cells = extent.shape[1:]
    point = _middle(*at, cells, place, size)
    reach = np.nan_to_num(extent[:, at[0], at[1]].astype(np.float64), nan=0.0)
    reach = np.clip(reach, _LEAST_EXTENT, max(cells))
    across, down = size / cells[1] / place.width, size / cells[0] / place.height
    left, top, right, bottom = reach * (across, down, across, down)
    corners = np.clip((point.x - left, point.y - top, point.x + right, point.y + bottom), 0.0, 1.0)
    return Peak(heat, point, tuple(corners.tolist()))


def _same(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float], overlap: float
) -> bool:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    common, areas = width * height, [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return common > overlap * (sum(areas) - common) or common > _NESTED * min(areas)


def _boxes(peaks: list[Peak], rule: BoxRule) -> Iterator[Box]:
    for rank, peak in enumerate(peaks):
        score = round(float(rule.probability(peak.heat)), 4)
        if rank and score < rule.score_from:
            continue
        low = [int(np.floor(corner * _UNITS)) for corner in peak.corners[:2]]
        high = [int(np.ceil(corner * _UNITS)) for corner in peak.corners[2:]]
        width, height = (end - start for start, end in zip(low, high, strict=True))
        yield Box(low[0] / _UNITS, low[1] / _UNITS, width / _UNITS, height / _UNITS, score)
