"""What operating points mean: the calls of pictures with and without a fracture, by the release's figures."""

import math
from dataclasses import dataclass
from typing import Any

from classifier.call import OperatingPoints
from classifier.manifest import call_figures
from classifier.prior import at_prevalence, same_chance, share_fractured
from triage.models import Release
from triage.report.thresholds import (
    UNREADABLE,
    Threshold,
    between,
    counted,
    curve,
    of_bins,
    worth_listing,
)
from triage.vocabulary import Call


@dataclass(frozen=True)
class Called:
    """One of the three calls, with the shares of pictures that get it, 0..1.

    ``of_fractured``: of those with a fracture. ``of_not_fractured``: of those without. ``fractured``: share
    of fractures among the pictures with this call; None if the prevalence is unknown.
    """

    kind: Call
    of_fractured: float
    of_not_fractured: float
    fractured: float | None

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def code(self) -> str:
        return self.kind.name.lower()


@dataclass(frozen=True)
class CallFigures:
    """A release's call, from its manifest. ``thresholds`` and ``roc`` are empty where it has none.

    ``is_counted``: its thresholds were counted close to each other. Otherwise they are the edges of bins,
    between which a figure may be some hundredths off.
    """

    own: OperatingPoints
    at_own: tuple[Threshold, Threshold] | None
    thresholds: list[Threshold]
    is_counted: bool
    roc: list[tuple[float, float]]
    fitted: float | None

    @classmethod
    def of(cls, release: Release) -> "CallFigures":
        manifest = release.manifest
        own = OperatingPoints.of_rule(manifest["call"]["rule"])
        measured = call_figures(manifest)
        # The figures of a release without a detector are of the likelier state, not of P(fracture).
        has_detector = isinstance((manifest.get("metrics") or {}).get("detector"), dict)
        rows = counted(measured) if has_detector else []
        return cls(
            own=own,
            at_own=_at_own(own, measured),
            thresholds=rows or (of_bins(measured) if has_detector else []),
            is_counted=bool(rows),
            roc=curve(measured),
            fitted=release.prevalence,
        )

    def at(self, threshold: float) -> Threshold | None:
        """Sensitivity and specificity there, on a line between the two measured thresholds beside it."""
        return between(self.thresholds if self.is_counted else self._knots(), threshold)

    def _knots(self) -> list[Threshold]:
        """The bin edges, and the release's own points between them: a bin says little of a point inside it.

        The figures at the own points were measured with each fold's points, so they are clipped to the values
        at the neighbouring edges.
        """
        knots = list(self.thresholds)
        for turn in self.at_own or () if knots else ():
            below = [edge for edge in self.thresholds if edge.at <= turn.at][-1]
            above = next(edge for edge in self.thresholds if edge.at >= turn.at)
            found = min(max(turn.sensitivity, above.sensitivity), below.sensitivity)
            spared = min(max(turn.specificity, below.specificity), above.specificity)
            knots.append(Threshold(turn.at, found, spared))
        return sorted(knots, key=lambda knot: knot.at)

    def table_rows(self) -> list[Threshold]:
        """What was measured, without the two ends, at which everything or nothing is called."""
        return worth_listing(self.thresholds) if self.is_counted else self.thresholds[1:-1]

    def _turns(self, points: OperatingPoints) -> tuple[Threshold | None, Threshold | None]:
        """Both from one source: else a rounding could make a share negative."""
        if not self.is_counted and points == self.own and self.at_own:
            return self.at_own
        return self.at(points.negative_below), self.at(points.positive_from)

    def calls(self, points: OperatingPoints, prevalence: float | None) -> list[Called]:
        """The three calls at ``points``; empty where the release has no figures there."""
        low, high = self._turns(points)
        if low is None or high is None:
            return []
        shares = [
            (Call.NEGATIVE, 1 - low.sensitivity, low.specificity),
            (
                Call.DOUBT,
                low.sensitivity - high.sensitivity,
                high.specificity - low.specificity,
            ),
            (Call.POSITIVE, high.sensitivity, 1 - high.specificity),
        ]
        return [
            Called(
                kind,
                fractured,
                not_fractured,
                share_fractured(fractured, not_fractured, prevalence) if prevalence else None,
            )
            for kind, fractured, not_fractured in shares
        ]

    def chance_here(self, threshold: float, here: float) -> float | None:
        """The chance at a site of a picture that stands at ``threshold``."""
        return at_prevalence(threshold, fitted=self.fitted, here=here) if self.fitted else None

    def suggested(self, here: float) -> OperatingPoints | None:
        """The points that mean at a site what the release's own mean where it was calibrated: in percent with
        two decimals, from 0.01 to 99.99 as the form takes them.

        The first one is never moved up: more fractures would be called "No fracture seen".
        """
        if not self.fitted:
            return None
        same = same_chance(self.own, fitted=self.fitted, here=here)
        low = min(_moved(self.own.negative_below, same.negative_below), self.own.negative_below)
        low = min(max(low, 0.0001), 0.9999)
        high = max(_moved(self.own.positive_from, same.positive_from), low)
        return OperatingPoints(low, min(high, 0.9999))

    def line(self) -> str:
        """The ROC curve as points of an SVG polyline in a square of 100."""
        return " ".join(f"{100 * false:.1f},{100 - 100 * true:.1f}" for false, true in self.roc)

    def marks(self, points: OperatingPoints) -> list[tuple[str, str]]:
        """Where the two points lie on the curve, in the same square."""
        return [
            (f"{100 - 100 * turn.specificity:.1f}", f"{100 - 100 * turn.sensitivity:.1f}")
            for turn in self._turns(points)
            if turn
        ]


def _moved(own: float, same: float) -> float:
    """Four digits of where a point moves; where it stays, the very same."""
    return own if math.isclose(own, same) else round(same, 4)


def _at_own(own: OperatingPoints, measured: dict[str, Any]) -> tuple[Threshold, Threshold] | None:
    names = ("not_negative", "positive")
    try:
        low, high = (
            [float(measured[f"{rate}_{name}"]["value"]) for rate in ("sensitivity", "specificity")]
            for name in names
        )
    except UNREADABLE:
        return None
    if not all(0 <= share <= 1 for share in (*low, *high)):
        return None
    return Threshold(own.negative_below, *low), Threshold(own.positive_from, *high)
