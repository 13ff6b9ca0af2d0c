"""Where a live view lies on its picture: turned, scaled, sheared; at times close up, on a break or none."""

from typing import NamedTuple

import numpy as np

_KEPT = 0.5  # of a box's area must still be in the view, or the view has no such box
_TRIES = 8  # to find a place beside the breaks
_PLACES = 6  # of which the brightest becomes the middle of a close-up: bone sooner than air
_CLOSE_BROKEN, _CLOSE_HEALTHY = 0.25, 0.15  # shares of close-ups
_CROPPED = 0.2  # share of views whose margins are cut away


class Placed(NamedTuple):
    """``matrix`` (2, 3): pixels of the stored picture → pixels of the view. ``window``: left, top, right,
    bottom of what is shown; the rest is black. ``corners`` (m, 4): of the breaks that are in it, in pixels
    of the view. ``known``: whether it shows what its label says. ``close``: it is a close-up.
    ``elsewhere``: one of a broken picture that shows none of its breaks, so that it counts as healthy.
    """

    matrix: np.ndarray
    window: np.ndarray
    corners: np.ndarray
    known: bool
    close: bool = False
    elsewhere: bool = False


def placed(
    pixels: np.ndarray, corners: np.ndarray, fractured: bool, size: int, rng: np.random.Generator
) -> Placed:
    """``pixels`` (S, S) uint8. ``corners`` (n, 4): left, top, right, bottom of each break, in pixels there.

    Of the collections that came from the web all pictures are broken. Close-ups of a break, and as many of
    the same pictures without one, keep the look of a source from being the answer.
    """
    boxed, stored = len(corners) > 0, len(pixels)
    if boxed and rng.random() < _CLOSE_BROKEN:
        if rng.random() < 0.5:
            left, top, right, bottom = corners[rng.integers(len(corners))]
            middle = np.array([left + right, top + bottom]) / 2
            return _shown(corners, _matrix(stored, size, rng, middle, 0.3), size, rng, close=True)
        for _ in range(_TRIES):
            matrix = _matrix(stored, size, rng, _bright(pixels, rng), 0.1)
            moved = moved_corners(corners, matrix)
            if not (_area(moved.clip(0, size)) > 0).any():
                # Nothing is cut away: a margin more would not make it healthier.
                full_view = np.array([0, 0, size, size], np.float32)
                none = np.zeros((0, 4), np.float32)
                return Placed(matrix, full_view, none, True, close=True, elsewhere=True)
    if not boxed and not fractured and rng.random() < _CLOSE_HEALTHY:
        matrix = _matrix(stored, size, rng, _bright(pixels, rng), 0.1)
        return _shown(corners, matrix, size, rng, close=True)
    return _shown(corners, _matrix(stored, size, rng), size, rng, close=False)


def _bright(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """x, y of a place in the picture."""
    places = rng.integers(len(pixels) // 10, len(pixels) * 9 // 10, (_PLACES, 2))
    found: np.ndarray = places[pixels[places[:, 1], places[:, 0]].argmax()]
    return found


def moved_corners(corners: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(n, 4) → the upright boxes around the moved ones."""
    left, top, right, bottom = corners.T
    x, y = np.stack([left, right, right, left]), np.stack([top, top, bottom, bottom])
    moved_x, moved_y = (row[0] * x + row[1] * y + row[2] for row in matrix)
    edges = (moved_x.min(0), moved_y.min(0), moved_x.max(0), moved_y.max(0))
    return np.stack(edges, 1).astype(np.float32)


def _shown(
    corners: np.ndarray, matrix: np.ndarray, size: int, rng: np.random.Generator, close: bool
) -> Placed:
    window = np.array([0, 0, size, size], np.float32)
    if rng.random() < _CROPPED:
        margins = rng.uniform(0, 0.15, 4) * size
        window += np.array([1, 1, -1, -1], np.float32) * margins.astype(np.float32)
    moved = moved_corners(corners, matrix)
    inside = np.concatenate(
        [moved[:, :2].clip(window[:2], window[2:]), moved[:, 2:].clip(window[:2], window[2:])], 1
    )
    kept = _area(inside) > _KEPT * _area(moved)
    known = not len(corners) or bool(kept.any())
    return Placed(matrix, window, inside[kept], known, close)


def _matrix(
    stored: int,
    size: int,
    rng: np.random.Generator,
    middle: np.ndarray | None = None,
    jitter: float = 0.1,
) -> np.ndarray:
    """Mirrored, turned, scaled, sheared; now and then by quarter turns, as films lie in collections.
    ``middle``: of a close-up. ``jitter``: how far its place in the view is drawn, in sides.
    """
    turn = np.deg2rad(rng.uniform(-20, 20)) + (rng.random() < 0.25) * rng.integers(1, 4) * np.pi / 2
    shear = np.tan(np.deg2rad(rng.uniform(-5, 5)))
    flip = np.diag([1 - 2.0 * (rng.random() < 0.5), 1 - 2.0 * (rng.random() < 0.1)])
    scale = rng.uniform(0.7, 1.5) if middle is None else rng.uniform(1.3, 2.6)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = scale * size / stored * turned @ np.array([[1, shear], [0, 1]]) @ flip
    centre = np.full(2, stored / 2) if middle is None else middle
    to = size / 2 + rng.uniform(-jitter, jitter, 2) * size
    return np.concatenate([linear, (to - linear @ centre)[:, None]], 1).astype(np.float32)


def _area(corners: np.ndarray) -> np.ndarray:
    found: np.ndarray = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    return found
