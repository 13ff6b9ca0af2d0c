"""What operating points mean: how many broken and whole bones a release calls what, by its own figures."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from classifier.call import OperatingPoints
from classifier.prior import at_prevalence, same_chance, share_broken
from triage.models import Release
from triage.vocabulary import Suspicion

AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # the thresholds that the page lists


@dataclass(frozen=True)
class Threshold:
    """Of the broken bones ``sensitivity`` have at least the chance ``at``; of the whole ones ``specificity``
    have less.
    """

    at: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class Called:
    """One of the three calls: the shares of the broken and of the whole bones that get it.

    ``broken``: the share of broken bones among those that get it, at a prevalence; None where it is unknown.
    """

    label: str
    bounds: tuple[float | None, float | None]
    of_broken: float
    of_whole: float
    broken: float | None


@dataclass(frozen=True)
class CallFigures:
    """A release's call, from its manifest. ``thresholds`` and ``roc`` are empty where it has none."""

    own: OperatingPoints
    at_own: tuple[Threshold, Threshold] | None
    thresholds: list[Threshold]
    roc: list[tuple[float, float]]
    fitted: float | None

    @classmethod
    def of(cls, release: Release) -> "CallFigures | None":
        """None where the release calls nothing."""
        manifest = release.manifest
        rule = (manifest.get("call") or {}).get("rule")
        if not isinstance(rule, dict):
            return None
        own = OperatingPoints(float(rule["negative_below"]), float(rule["positive_from"]))
        measured = manifest.get("metrics", {}).get("fracture", {})
        return cls(
            own=own,
            at_own=_at_own(own, measured),
            thresholds=[Threshold(*row) for row in measured.get("thresholds", [])],
            roc=[(float(false), float(true)) for false, true in measured.get("roc", [])],
            fitted=release.prevalence,
        )

    def at(self, threshold: float) -> Threshold | None:
        """Sensitivity and specificity, on a line between the two measured thresholds beside it."""
        for low, high in pairwise(self.thresholds):
            if low.at <= threshold <= high.at:
                part = (threshold - low.at) / (high.at - low.at)
                return Threshold(
                    threshold,
                    low.sensitivity + part * (high.sensitivity - low.sensitivity),
                    low.specificity + part * (high.specificity - low.specificity),
                )
        return None

    def listed(self) -> list[Threshold]:
        return [found for threshold in AT if (found := self.at(threshold))]

    def _turns(self, points: OperatingPoints) -> tuple[Threshold | None, Threshold | None]:
        """Both from one source: else a rounding could make a share negative."""
        if points == self.own and self.at_own:
            return self.at_own
        return self.at(points.negative_below), self.at(points.positive_from)

    def calls(self, points: OperatingPoints, prevalence: float | None) -> list[Called]:
        """The three calls at ``points``; empty where the release has no figures there."""
        low, high = self._turns(points)
        if low is None or high is None:
            return []
        shares = [
            (Suspicion.NEGATIVE, 1 - low.sensitivity, low.specificity),
            (
                Suspicion.DOUBT,
                low.sensitivity - high.sensitivity,
                high.specificity - low.specificity,
            ),
            (Suspicion.POSITIVE, high.sensitivity, 1 - high.specificity),
        ]
        bounds = {
            Suspicion.NEGATIVE: (None, low.at),
            Suspicion.DOUBT: (low.at, high.at),
            Suspicion.POSITIVE: (high.at, None),
        }
        return [
            Called(
                str(suspicion.label),
                bounds[suspicion],
                broken,
                whole,
                share_broken(broken, whole, prevalence) if prevalence else None,
            )
            for suspicion, broken, whole in shares
        ]

    def chance_here(self, threshold: float, here: float) -> float | None:
        """The chance at a site of a picture that stands at ``threshold``."""
        return at_prevalence(threshold, fitted=self.fitted, here=here) if self.fitted else None

    def suggested(self, here: float) -> OperatingPoints | None:
        """The points that mean at a site what the release's own mean where it was calibrated, within what the
        form takes: 0.01 % to 99.99 %.

        The first one is never moved up: more broken bones would be called "No fracture seen" by it.
        """
        if not self.fitted:
            return None
        same = same_chance(self.own, fitted=self.fitted, here=here)
        low = max(min(same.negative_below, self.own.negative_below), 0.0001)
        return OperatingPoints(low, min(max(same.positive_from, low), 0.9999))

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


def _at_own(own: OperatingPoints, measured: dict[str, Any]) -> tuple[Threshold, Threshold] | None:
    names = ("not_negative", "positive")
    try:
        low, high = (
            [float(measured[f"{kind}_{name}"]["value"]) for kind in ("sensitivity", "specificity")]
            for name in names
        )
    except (KeyError, TypeError):
        return None
    return Threshold(own.negative_below, *low), Threshold(own.positive_from, *high)
