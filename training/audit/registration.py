"""Aligns two pictures, and measures how well their fine detail agrees.

First, local features that agree on one affine map (RANSAC; Fischler and Bolles, 1981). Then the pixels,
aligned by this map. The hands of two people pass the first test and not the second.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch

from training.audit.keypoints import Keypoints, find_keypoints

INLIERS = 6  # local features that must agree on one map
_RATIO = (
    0.8  # a match must be nearer than this share of the distance of the next best one (Lowe, 2004)
)
_REACH = 4.0  # pixels by which a feature may miss its place
_COVER = 0.15  # share of the smaller picture's area that must be common
_STRETCH = 3.0  # highest ratio of the scales of the two directions
_SQUARE = 224


class Overlap(NamedTuple):
    """``detail``: correlation of the fine detail of two aligned pictures, −1..1; −1 if they can't be aligned.

    ``one``, ``other``: the share of each picture that the common part covers, 0..1.
    """

    detail: float
    one: float
    other: float


NOWHERE = Overlap(-1.0, 0.0, 0.0)


@dataclass(frozen=True)
class View:
    """A picture's features, and its detail (h, w) float32: without coarse shades, with clipped edges."""

    keypoints: Keypoints
    detail: np.ndarray


def view_of(small: np.ndarray, keypoints: Keypoints | None = None) -> View:
    """(h, w) uint8 → its view. Features are searched if none are given."""
    grey = small.astype(np.float32)
    detail = (grey - cv2.GaussianBlur(grey, (0, 0), 3)).clip(-25, 25)
    return View(find_keypoints(small) if keypoints is None else keypoints, np.asarray(detail))


def square_view(small: np.ndarray) -> View:
    """The view of the picture stretched to a square: then twins that were stretched differently look
    alike.
    """
    return view_of(cv2.resize(small, (_SQUARE, _SQUARE), interpolation=cv2.INTER_AREA))


def overlap_of(one: View, other: View) -> Overlap:
    """How much and how well two pictures overlap."""
    matrix = affine_between(one.keypoints, other.keypoints)
    return NOWHERE if matrix is None else laid_over(one.detail, other.detail, matrix)


def affine_between(one: Keypoints, other: Keypoints) -> np.ndarray | None:
    """(2, 3): the map from pixels of ``one`` to pixels of ``other`` on which most features agree, or None.

    Features of ``one`` are compared as they are and mirrored; the variant with more matches is used.
    """
    if min(len(one), len(other)) < INLIERS:
        return None
    upright = torch.from_numpy(other.upright)
    ways = (
        _matches(torch.from_numpy(features), upright) for features in (one.upright, one.mirrored)
    )
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
    """The overlap of two details (h, w), by a map from pixels of ``one`` to pixels of ``other``."""
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
    """Indexes of features that are nearest to each other, and clearly nearer than the next one.

    Both are (K, 128) of unit length.
    """
    alike = one @ other.T
    best, places = alike.topk(2, dim=1)
    back = alike.argmax(0)
    mutual = back[places[:, 0]] == torch.arange(len(one))
    clear = (1 - best[:, 0]) < _RATIO**2 * (1 - best[:, 1])
    kept = torch.nonzero(mutual & clear)[:, 0]
    return kept.numpy(), places[kept, 0].numpy()
