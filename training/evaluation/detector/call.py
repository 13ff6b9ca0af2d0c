"""Fracture or none: the figures of a detector's picture score on one collection."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.evaluation.metrics import BINS, Ranked, auroc, bins_of

SPECIFICITY = (
    0.90  # specificity at which the sensitivity is given, whatever the operating points are
)
FEWEST = 10  # a part with fewer fractured or fewer healthy pictures gives no useful figure
PARTS = ("hand", "leg", "shoulder", "hip")
# Without the hip: with 270 pictures, 44 of them fractured, it could be the worst part by chance alone.
JUDGED = ("hand", "leg", "shoulder")
_VIEWS = ("frontal", "lateral", "oblique")


class Resampling(NamedTuple):
    """How the intervals are drawn."""

    seed: int
    resamples: int


def ranking(
    scores: DetectorScores, values: np.ndarray, resampling: Resampling, fewest: int = 1
) -> dict[str, Any]:
    """Pictures, fractured, groups; AUROC, and sensitivity at 90 % specificity, of ``values`` (N,).

    The two last ones are left out if a state has fewer than ``fewest`` pictures.
    """
    fractured = scores.labels == 1
    found = {
        "pictures": len(scores),
        "fractured": int(fractured.sum()),
        "groups": len(np.unique(scores.groups)),
    }
    if min(int(fractured.sum()), int((~fractured).sum())) < fewest:
        return found
    return found | with_intervals(_ranking(values, fractured), scores.groups, *resampling)


def sliced(scores: DetectorScores, values: np.ndarray, resampling: Resampling) -> dict[str, Any]:
    """``ranking`` of all pictures, without hardware, by body part and by view, where the collection has them.

    A picture that shows two parts counts in both. ``worst_part`` names the worst of ``JUDGED``.
    """
    marks = scores.marks

    def of(keep: np.ndarray, fewest: int = FEWEST) -> dict[str, Any]:
        return ranking(scores.where(keep), values[keep], resampling, fewest)

    found = ranking(scores, values, resampling)
    if marks["hardware"].any():
        found["without_hardware"] = of(~marks["hardware"], 1)
    for kind, names in (("parts", PARTS), ("views", _VIEWS)):
        found[kind] = {name: of(marks[name]) for name in names if marks[name].any()}
    judged = {
        name: found["parts"][name]["auroc"]
        for name in JUDGED
        if "auroc" in found["parts"].get(name, {})
    }
    if judged:
        found["worst_part"] = min(judged, key=lambda name: float(judged[name]["value"]))
    return found


def operating(
    scores: DetectorScores, probabilities: np.ndarray, calls: np.ndarray, resampling: Resampling
) -> dict[str, Any]:
    """Both operating points, share in doubt, calibration error; empty if a state is missing."""
    fractured = scores.labels == 1
    if fractured.all() or not fractured.any():
        return {}
    shares = {
        f"{name}_{call}": rows
        for name, rows in (("sensitivity", fractured), ("specificity", ~fractured))
        for call in ("not_negative", "positive")
    } | {"doubt": np.ones(len(fractured), bool)}
    return with_intervals(
        _operating(probabilities, calls, fractured), scores.groups, *resampling, shares
    )


def reliability(
    scores: DetectorScores, probabilities: np.ndarray, resampling: Resampling
) -> list[dict[str, Any]]:
    """For each bin of P(fracture) with pictures: their number, mean probability and share fractured."""
    bins, fractured = bins_of(probabilities), scores.labels == 1
    shares = {str(number): bins == number for number in np.unique(bins)}

    def figures(weights: np.ndarray) -> Figures:
        there = np.bincount(bins, weights, minlength=BINS)
        broken = np.bincount(bins, weights * fractured, minlength=BINS)
        return {str(number): broken[number] / there[number] for number in np.flatnonzero(there)}

    return [
        {
            "pictures": int(shares[name].sum()),
            "confidence": round(float(probabilities[shares[name]].mean()), 4),
            "accuracy": round(share["value"], 4),
            "interval": [round(bound, 4) for bound in share["interval"]],
        }
        for name, share in with_intervals(figures, scores.groups, *resampling, shares).items()
    ]


def roc_points(values: np.ndarray, fractured: np.ndarray) -> list[list[float]]:
    """[1 − specificity, sensitivity] from the strictest to the most lenient threshold, at most 101 points."""
    false, true = roc(Ranked.of(values), fractured, np.ones(len(fractured)))
    steps = np.unique(np.linspace(0, len(false) - 1, 101).round().astype(int))
    return np.stack([false[steps], true[steps]], 1).round(4).tolist()


def roc(
    ranked: Ranked, fractured: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """1 − specificity (N + 1,) and sensitivity (N + 1,), from the highest score down; equal scores
    together.
    """
    order = ranked.order[::-1]
    ends = (len(order) - 1 - ranked.first)[::-1]
    false = np.cumsum((weights * ~fractured)[order])[ends]
    true = np.cumsum((weights * fractured)[order])[ends]
    return np.append(0.0, false / false[-1]), np.append(0.0, true / true[-1])


def _ranking(values: np.ndarray, fractured: np.ndarray) -> Callable[[np.ndarray], Figures]:
    ranked = Ranked.of(values)

    def figures(weights: np.ndarray) -> Figures:
        if not (weights * fractured).any() or not (weights * ~fractured).any():
            return {}  # a resample of few groups may miss one state
        false, true = roc(ranked, fractured, weights)
        return {
            "auroc": auroc(ranked, fractured, weights),
            "sensitivity_at_90": float(np.interp(1 - SPECIFICITY, false, true)),
        }

    return figures


def _operating(
    probabilities: np.ndarray, calls: np.ndarray, fractured: np.ndarray
) -> Callable[[np.ndarray], Figures]:
    bins = bins_of(probabilities)

    def figures(weights: np.ndarray) -> Figures:
        broken, healthy = weights * fractured, weights * ~fractured
        if not broken.any() or not healthy.any():
            return {}
        # Of P(fracture) and not of the more likely state: if few bones are fractured, nearly every
        # picture is surely healthy, and the error of the more likely state is small in any case.
        gap = np.bincount(bins, weights * (fractured - probabilities), minlength=BINS)
        return {
            "sensitivity_not_negative": float(broken[calls >= 0].sum() / broken.sum()),
            "specificity_not_negative": float(healthy[calls < 0].sum() / healthy.sum()),
            "sensitivity_positive": float(broken[calls > 0].sum() / broken.sum()),
            "specificity_positive": float(healthy[calls <= 0].sum() / healthy.sum()),
            "doubt": float(weights[calls == 0].sum() / weights.sum()),
            "ece": float(np.abs(gap).sum() / weights.sum()),
        }

    return figures
