"""Lays one picture over another, and tells how well the fine detail of the two agrees.

Local features that one affine map brings together (RANSAC; Fischler and Bolles, 1981), and then the
pixels, laid over each other by that map. Two hands of two people pass the first and not the second.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch

from training.audit.keypoints import Keypoints, find_keypoints

INLIERS = 6  # local features that must agree on one map
_RATIO = 0.8  # a match must be nearer than this share of the next best (Lowe, 2004)
_REACH = 4.0  # pixels that a feature may lie off its place
_COVER = 0.15  # share of the smaller picture's area that must be common
_STRETCH = 3.0  # the most that one direction may be scaled more than the other
_SQUARE = 224


class Overlap(NamedTuple):
    """``detail``: correlation of the fine detail where two pictures lie over each other, −1..1 (−1 too
    where they don't). ``one``, ``other``: the share of each picture that the common part is, 0..1.
    """

    detail: float
    one: float
    other: float


NOWHERE = Overlap(-1.0, 0.0, 0.0)


@dataclass(frozen=True)
class View:
    """A picture's features, and its detail (h, w) float32: without the coarse shades, edges clipped."""

    keypoints: Keypoints
    detail: np.ndarray


def view_of(small: np.ndarray, keypoints: Keypoints | None = None) -> View:
    """(h, w) uint8 → its view; features are looked for where none are given."""
    grey = small.astype(np.float32)
    detail = (grey - cv2.GaussianBlur(grey, (0, 0), 3)).clip(-25, 25)
    return View(find_keypoints(small) if keypoints is None else keypoints, np.asarray(detail))


def square_view(small: np.ndarray) -> View:
    """The picture stretched to a square: how twins that were stretched apart look alike again."""
    return view_of(cv2.resize(small, (_SQUARE, _SQUARE), interpolation=cv2.INTER_AREA))


def overlap_of(one: View, other: View) -> Overlap:
    """How far, and how well, one lies over the other."""
    matrix = affine_between(one.keypoints, other.keypoints)
    return NOWHERE if matrix is None else laid_over(one.detail, other.detail, matrix)


def affine_between(one: Keypoints, other: Keypoints) -> np.ndarray | None:
    """(2, 3): the map from ``one``'s pixels to ``other``'s that most features agree on, if enough do.

    Features of ``one`` are compared as they are and as they would be mirrored; the way that gives
    more matches is followed.
    """
    if min(len(one), len(other)) < INLIERS:
        return None
    upright = torch.from_numpy(other.upright)
    ways = (_matches(torch.from_numpy(each), upright) for each in (one.upright, one.mirrored))
    here, there = max(ways, key=lambda way: len(way[0]))
    if len(here) < INLIERS:
        return None
    matrix, kept = cv2.estimateAffine2D(
        one.points[here],
        other.points[there],
        method=cv2.RANSAC,
        ransacReprojThreshold=_REACH,
        maxIters=500,
    )
    if matrix is None or int(kept.sum()) < INLIERS:
        return None
    large, little = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return np.asarray(matrix) if large <= _STRETCH * little else None


def laid_over(one: np.ndarray, other: np.ndarray, matrix: np.ndarray) -> Overlap:
    """Of two details, (h, w) each, by a map from ``one``'s pixels to ``other``'s."""
    size = (other.shape[1], other.shape[0])
    laid = cv2.warpAffine(one, matrix, size, flags=cv2.INTER_LINEAR)
    common = cv2.warpAffine(np.ones(one.shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    inner = cv2.erode(common, np.ones((7, 7), np.uint8)) > 0
    covered = int(inner.sum())
    scale = abs(float(np.linalg.det(matrix[:, :2])))
    if covered < max(400, _COVER * min(other.size, one.size * scale)):
        return NOWHERE
    x, y = laid[inner], other[inner]
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x * x).mean() * (y * y).mean()))
    if spread <= 1e-3:
        return NOWHERE
    return Overlap(
        float((x * y).mean() / spread), covered / (one.size * scale), covered / other.size
    )


def _matches(one: torch.Tensor, other: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Places of features that are each other's nearest, and clearly nearer than the next.

    Both are (K, 128) of unit length.
    """
    alike = one @ other.T
    best, places = alike.topk(2, dim=1)
    back = alike.argmax(0)
    mutual = back[places[:, 0]] == torch.arange(len(one))
    clear = (1 - best[:, 0]) < _RATIO**2 * (1 - best[:, 1])
    kept = torch.nonzero(mutual & clear)[:, 0]
    return kept.numpy(), places[kept, 0].numpy()
