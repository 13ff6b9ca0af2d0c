"""Is there a fracture? The three-state call, from a raw score and two operating points."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

Call = Literal["positive", "doubt", "negative"]


@dataclass(frozen=True)
class OperatingPoints:
    """Two probabilities, 0..1: below ``negative_below`` the call is negative, from ``positive_from`` on
    positive, and between them doubt.

    Raises ValueError if they are not probabilities in this order.
    """

    negative_below: float
    positive_from: float

    def __post_init__(self) -> None:
        if not 0 <= self.negative_below <= self.positive_from <= 1:
            raise ValueError("operating points: 0 ≤ negative_below ≤ positive_from ≤ 1")

    @classmethod
    def of_rule(cls, rule: Mapping[str, float]) -> Self:
        """A release's own points, from ``call.rule`` of its manifest."""
        return cls(float(rule["negative_below"]), float(rule["positive_from"]))


@dataclass(frozen=True)
class CallRule:
    """``slope``, ``intercept``: the raw log-odds' calibration (Platt, 1999).

    Below ``negative_below`` the call is negative, from ``positive_from`` on positive, and between them doubt;
    both are probabilities. Raises ValueError if they are not valid ``OperatingPoints``, or if the calibration
    isn't finite with a slope above 0. With another slope a higher score would mean a fracture less often.
    """

    slope: float
    intercept: float
    negative_below: float
    positive_from: float

    def __post_init__(self) -> None:
        if not (0 < self.slope < math.inf and math.isfinite(self.intercept)):
            raise ValueError("call: a slope above 0 and an intercept, both finite")
        _ = self.points  # its constructor checks the range

    @property
    def points(self) -> OperatingPoints:
        return OperatingPoints(self.negative_below, self.positive_from)

    def probability(self, score: float) -> float:
        """A raw score → P(fracture), 0..1."""
        log_odds = min(max(self.slope * score + self.intercept, -60.0), 60.0)
        return 1 / (1 + math.exp(-log_odds))

    def at(self, points: OperatingPoints | None) -> "CallRule":
        """The same calibration with other points, such as a site's; None leaves the release's points."""
        if points is None:
            return self
        return replace(
            self, negative_below=points.negative_below, positive_from=points.positive_from
        )

    def call(self, probability: float) -> Call:
        if probability >= self.positive_from:
            return "positive"
        return "negative" if probability < self.negative_below else "doubt"
