"""What operating points mean: how many broken and whole bones a release calls what, by its own figures."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from classifier.call import OperatingPoints
from classifier.prior import at_prevalence, same_chance, share_broken
from classifier.release import call_figures
from triage.models import Release
from triage.vocabulary import Suspicion

BINS = 15  # equal ones of P(fracture), in which a manifest counts broken and whole bones


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
        measured = call_figures(manifest)
        has_detector = isinstance((manifest.get("metrics") or {}).get("detector"), dict)
        return cls(
            own=own,
            at_own=_at_own(own, measured),
            # The bins of a release without a detector are of the likelier state, not of P(fracture).
            thresholds=_thresholds(measured) if has_detector else [],
            roc=[(float(false), float(true)) for false, true in measured.get("roc", [])],
            fitted=release.prevalence,
        )

    def at(self, threshold: float) -> Threshold | None:
        """Sensitivity and specificity, on a line between the two measured thresholds beside it."""
        for low, high in pairwise(self._knots()):
            if low.at <= threshold <= high.at and low.at < high.at:
                part = (threshold - low.at) / (high.at - low.at)
                return Threshold(
                    threshold,
                    low.sensitivity + part * (high.sensitivity - low.sensitivity),
                    low.specificity + part * (high.specificity - low.specificity),
                )
        return None

    def _knots(self) -> list[Threshold]:
        """The edges of the bins and the release's own points, since a bin says little of a point inside it.
        Their figures are of each fold's own points, so they are held between the edges beside them.
        """
        knots = list(self.thresholds)
        for turn in self.at_own or () if knots else ():
            below = [edge for edge in self.thresholds if edge.at <= turn.at][-1]
            above = next(edge for edge in self.thresholds if edge.at >= turn.at)
            found = min(max(turn.sensitivity, above.sensitivity), below.sensitivity)
            spared = min(max(turn.specificity, below.specificity), above.specificity)
            knots.append(Threshold(turn.at, found, spared))
        return sorted(knots, key=lambda knot: knot.at)

    def listed(self) -> list[Threshold]:
        """What was measured, without the two ends, at which everything or nothing is called."""
        return self.thresholds[1:-1]

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


def _thresholds(measured: dict[str, Any]) -> list[Threshold]:
    """Sensitivity and specificity at each edge of the bins of ``reliability``, which are exact there. A bin
    says how many pictures it holds, their mean probability and the share of the broken; an empty one is left
    out.
    """
    broken, whole = [0.0] * BINS, [0.0] * BINS
    for part in measured.get("reliability", []):
        number = min(int(part["confidence"] * BINS), BINS - 1)
        broken[number] += part["pictures"] * part["accuracy"]
        whole[number] += part["pictures"] * (1 - part["accuracy"])
    if not sum(broken) or not sum(whole):
        return []
    return [
        Threshold(
            edge / BINS,
            sum(broken[edge:]) / sum(broken),
            sum(whole[:edge]) / sum(whole),
        )
        for edge in range(BINS + 1)
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
