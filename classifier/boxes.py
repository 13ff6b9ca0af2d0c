"""Where a fracture is, told on a picture: points, boxes, and a release's rule for them."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Point:
    """A place on the picture, in fractions of its width and height from the upper left corner, 0..1."""

    x: float
    y: float


@dataclass(frozen=True)
class Box:
    """A box within the picture, never empty: ``x``, ``y`` of its upper left corner, ``width`` and ``height``,
    as fractions 0..1 of the picture's sides. ``score``: P(it is on a fracture), 0..1.
    """

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True)
class BoxRule:
    """A release's rule. ``slope``, ``intercept``: a cell's raw log-odds' calibration (Platt, 1999); the slope
    is above 0, so that the best box is the strongest.

    ``overlap``: the share of both together (intersection over union) from which two boxes are one.
    ``score_from``: the least score of a further box; the best one is told whatever its score. ``most``:
    boxes a picture, 1 to 100. Raises ValueError on a number out of its range.
    """

    slope: float
    intercept: float
    overlap: float
    score_from: float
    most: int

    def __post_init__(self) -> None:
        if not (0 < self.slope < math.inf and math.isfinite(self.intercept)):
            raise ValueError("boxes: slope, intercept")
        if not 1 <= self.most <= 100 or self.most != int(self.most):
            raise ValueError("boxes: most")
        if not (0 <= self.overlap <= 1 and 0 <= self.score_from <= 1):
            raise ValueError("boxes: overlap, score_from")

    def probability(self, heat: np.ndarray | float) -> np.ndarray:
        """Raw log-odds of cells → P(fracture here), 0..1, of the same shape; NaN stays NaN."""
        log_odds = np.clip(self.slope * np.asarray(heat, np.float64) + self.intercept, -60, 60)
        return 1 / (1 + np.exp(-log_odds))
