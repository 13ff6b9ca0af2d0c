"""Fracture or none: what a detector's picture score is worth on one collection."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.evaluation.metrics import BINS, Ranked, auroc, bins_of

SPECIFICITY = 0.90  # at which a sensitivity is given that no operating point has a say in
FEWEST = (
    10  # of fewer pictures with or without a fracture a part says nothing, whatever its interval
)
PARTS = ("hand", "leg", "shoulder", "hip")
# The hip has too few pictures to be the worst part by anything but chance: 270 in all, 44 of them broken.
JUDGED = ("hand", "leg", "shoulder")
_VIEWS = ("frontal", "lateral", "oblique")

Drawn = tuple[int, int]
"""Seed and number of resamples."""


def ranking(
    scores: DetectorScores, values: np.ndarray, drawn: Drawn, fewest: int = 1
) -> dict[str, Any]:
    """Pictures, fractured, groups; AUROC and sensitivity at 90 % specificity of (N,) ``values``, which are
    left out where a state has fewer than ``fewest`` pictures.
    """
    ill = scores.labels == 1
    found = {
        "pictures": len(scores),
        "fractured": int(ill.sum()),
        "groups": len(np.unique(scores.groups)),
    }
    if min(int(ill.sum()), int((~ill).sum())) < fewest:
        return found
    return found | with_intervals(_ranking(values, ill), scores.groups, *drawn)


def sliced(scores: DetectorScores, values: np.ndarray, drawn: Drawn) -> dict[str, Any]:
    """``ranking`` of the whole, without hardware, by body part and by view, where the collection tells them.
    A picture that shows two parts counts in both. ``worst_part`` names the worst of ``JUDGED``.
    """
    marks = scores.marks

    def of(keep: np.ndarray, fewest: int = FEWEST) -> dict[str, Any]:
        return ranking(scores.where(keep), values[keep], drawn, fewest)

    found = ranking(scores, values, drawn)
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
    scores: DetectorScores, probabilities: np.ndarray, calls: np.ndarray, drawn: Drawn
) -> dict[str, Any]:
    """Both operating points, the share in doubt, the calibration error; nothing where a state is missing."""
    ill = scores.labels == 1
    if ill.all() or not ill.any():
        return {}
    shares = {
        f"{name}_{call}": rows
        for name, rows in (("sensitivity", ill), ("specificity", ~ill))
        for call in ("not_negative", "positive")
    } | {"doubt": np.ones(len(ill), bool)}
    return with_intervals(_operating(probabilities, calls, ill), scores.groups, *drawn, shares)


def reliability(
    scores: DetectorScores, probabilities: np.ndarray, drawn: Drawn
) -> list[dict[str, Any]]:
    """Per bin of P(fracture) that holds a picture: how many, the mean probability, the share fractured."""
    bins, ill = bins_of(probabilities), scores.labels == 1
    shares = {str(number): bins == number for number in np.unique(bins)}

    def figures(weights: np.ndarray) -> Figures:
        there = np.bincount(bins, weights, minlength=BINS)
        broken = np.bincount(bins, weights * ill, minlength=BINS)
        return {str(number): broken[number] / there[number] for number in np.flatnonzero(there)}

    return [
        {
            "pictures": int(shares[name].sum()),
            "confidence": round(float(probabilities[shares[name]].mean()), 4),
            "accuracy": round(share["value"], 4),
            "interval": [round(bound, 4) for bound in share["interval"]],
        }
        for name, share in with_intervals(figures, scores.groups, *drawn, shares).items()
    ]


def roc_points(values: np.ndarray, ill: np.ndarray) -> list[list[float]]:
    """[1 − specificity, sensitivity] from the strictest to the laxest threshold, 101 at the most."""
    false, true = roc(Ranked.of(values), ill, np.ones(len(ill)))
    steps = np.unique(np.linspace(0, len(false) - 1, 101).round().astype(int))
    return np.stack([false[steps], true[steps]], 1).round(4).tolist()


def roc(ranked: Ranked, ill: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 − specificity and sensitivity (N + 1,) each, taking the highest scores first; equal ones together."""
    order = ranked.order[::-1]
    ends = (len(order) - 1 - ranked.first)[::-1]
    false = np.cumsum((weights * ~ill)[order])[ends]
    true = np.cumsum((weights * ill)[order])[ends]
    return np.append(0.0, false / false[-1]), np.append(0.0, true / true[-1])


def _ranking(values: np.ndarray, ill: np.ndarray) -> Callable[[np.ndarray], Figures]:
    ranked = Ranked.of(values)

    def figures(weights: np.ndarray) -> Figures:
        if not (weights * ill).any() or not (weights * ~ill).any():
            return {}  # a resample of few groups may miss one side
        false, true = roc(ranked, ill, weights)
        return {
            "auroc": auroc(ranked, ill, weights),
            "sensitivity_at_90": float(np.interp(1 - SPECIFICITY, false, true)),
        }

    return figures


def _operating(
    probabilities: np.ndarray, calls: np.ndarray, ill: np.ndarray
) -> Callable[[np.ndarray], Figures]:
    bins = bins_of(probabilities)

    def figures(weights: np.ndarray) -> Figures:
        broken, whole = weights * ill, weights * ~ill
        if not broken.any() or not whole.any():
            return {}
        # Of P(fracture) itself, not of the likelier state: where few bones are broken, nearly every picture
        # is surely whole, and the error of the likelier state is small whatever is said of the rest.
        gap = np.bincount(bins, weights * (ill - probabilities), minlength=BINS)
        return {
            "sensitivity_not_negative": float(broken[calls >= 0].sum() / broken.sum()),
            "specificity_not_negative": float(whole[calls < 0].sum() / whole.sum()),
            "sensitivity_positive": float(broken[calls > 0].sum() / broken.sum()),
            "specificity_positive": float(whole[calls <= 0].sum() / whole.sum()),
            "doubt": float(weights[calls == 0].sum() / weights.sum()),
            "ece": float(np.abs(gap).sum() / weights.sum()),
        }

    return figures
