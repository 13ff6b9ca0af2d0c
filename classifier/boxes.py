"""Where a fracture is: points and boxes on a picture, and a release's rule for boxes."""

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
    """A box within the picture, never empty.

    ``x``, ``y``: its upper left corner; ``width``, ``height``: its size; all are fractions 0..1 of the
    picture's sides. ``score``: the probability that the box is on a fracture, 0..1.
    """

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True)
class BoxRule:
    """A release's rule for boxes.

    ``slope``, ``intercept``: the calibration of a cell's raw log-odds (Platt, 1999). The slope is above 0, so
    that the strongest box is the best one. ``overlap``: two boxes count as one if their intersection over
    union is at least this, 0..1. ``score_from``: the lowest score of a further box, 0..1; the best box is
    given whatever its score. ``most``: the largest number of boxes per picture, 1 to 100. Raises ValueError
    if a number is out of its range.
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
