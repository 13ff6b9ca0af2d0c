"""Regions of a mask that reach the border of the picture. In numpy alone: a decode child loads no scipy."""

import numpy as np

# A frame, letters and the curves of a collimator have some thousand runs; a million takes 100 MB.
_MOST_RUNS = 1 << 20
_ROWS = 256  # at a time


def reaching_the_border(mask: np.ndarray) -> np.ndarray | None:
    """(H, W) bool: the pixels of ``mask`` from which a way through it, by its four neighbours, leads to the
    first or last row or column. None of a mask that is more grain than regions.

    A region is made of runs: neighbouring pixels of a row. There are few of them, so that it takes 0.3 s for
    the frame of a film of 47 million pixels.
    """
    height, width = mask.shape
    runs = _runs(mask)
    if runs is None:
        return None
    starts, ends = runs
    if not starts.size:
        return mask.copy()
    labels = _regions(starts, ends, width)
    rows, left = np.divmod(starts, width)
    right = ends - rows * width
    touching = (rows == 0) | (rows == height - 1) | (left == 0) | (right == width)
    reached = np.zeros(starts.size, bool)
    reached[labels[touching]] = True  # a label is the first run of its region
    found = mask.copy()
    is_reached = reached[labels]
    if not is_reached.all():
        found[found] = np.repeat(is_reached, ends - starts)
    return found


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The first pixel of each run and the one behind its last, counted row by row; None: too many."""
    height, width = mask.shape
    found: list[tuple[np.ndarray, np.ndarray]] = []
    count = 0
    for top in range(0, height, _ROWS):
        rows = np.zeros((min(_ROWS, height - top), width + 2), np.int8)
        rows[:, 1:-1] = mask[top : top + _ROWS]
        change = np.diff(rows, axis=1)
        starts, ends = (
            row * width + column + top * width
            for row, column in (np.nonzero(change == 1), np.nonzero(change == -1))
        )
        found.append((starts, ends))
        count += starts.size
        if count > _MOST_RUNS:
            return None
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def _regions(starts: np.ndarray, ends: np.ndarray, width: int) -> np.ndarray:
    """The number of the first run of each run's region.

    Every run takes the least number of the runs that it touches below, and then that run's own number, until
    nothing changes: a path of n runs takes about log n rounds.
    """
    first = np.searchsorted(ends, starts + width, "right")
    last = np.searchsorted(starts, ends + width, "left")
    counts = np.maximum(last - first, 0)
    above = np.repeat(np.arange(starts.size), counts)
    offsets = np.arange(above.size) - np.repeat(np.cumsum(counts) - counts, counts)
    below = np.repeat(first, counts) + offsets
    labels = np.arange(starts.size)
    while True:
        one, other = labels[above], labels[below]
        if (one == other).all():
            return labels
        least = np.minimum(one, other)
        np.minimum.at(labels, one, least)
        np.minimum.at(labels, other, least)
        while not np.array_equal(shorter := labels[labels], labels):
            labels = shorter
