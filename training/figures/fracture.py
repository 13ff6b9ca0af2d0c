"""Of the fracture head: grouped folds, and the outside set that nothing was ever fitted on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.calibrate import called, cross_called, fit_call
from training.figures.bootstrap import Figures, with_intervals
from training.figures.curves import reliability
from training.figures.slices import by_longer_side
from training.metrics import Ranked, Scored, auroc, calibration_error
from training.scores import Scores


def fracture_figures(bones: Scores, outside: Scores, seed: int, resamples: int) -> dict[str, Any]:
    """Of the fracture head: grouped folds, and the outside set that nothing was ever fitted on."""
    probabilities, calls = cross_called(bones)
    found: dict[str, Any] = {
        "pictures": len(np.unique(bones.ids)),
        "groups": len(np.unique(bones.groups)),
        **_with_intervals(probabilities, calls, bones, seed, resamples),
        "reliability": reliability(
            np.maximum(probabilities, 1 - probabilities),
            (probabilities >= 0.5) == bones.labels,
            bones.groups,
            seed,
            resamples,
        ),
        "roc": _roc(probabilities, bones.labels == 1),
        "slices": _by_size(probabilities, bones, seed, resamples),
    }
    if len(np.unique(outside.labels)) == 2:
        rule = fit_call(bones.fracture, bones.labels)
        there = np.array([rule.probability(score) for score in outside.fracture])
        found["outside"] = {
            "pictures": len(outside),
            **_with_intervals(there, called(there, rule), outside, seed, resamples),
            "roc": _roc(there, outside.labels == 1),
        }
    return found


def _with_intervals(
    probabilities: np.ndarray, calls: np.ndarray, scores: Scores, seed: int, resamples: int
) -> dict[str, Any]:
    ill = scores.labels == 1
    shares = {
        f"{name}_{call}": rows
        for name, rows in (("sensitivity", ill), ("specificity", ~ill))
        for call in ("not_negative", "positive")
    } | {"doubt": np.ones(len(ill), bool)}
    figures = _binary(probabilities, calls, scores.labels)
    return with_intervals(figures, scores.groups, seed, resamples, shares)


def _by_size(
    probabilities: np.ndarray, bones: Scores, seed: int, resamples: int
) -> dict[str, dict[str, Any]]:
    """The AUROC among files of one size: where size goes with the state, a network may learn the source."""
    found = {}
    for name, keep in by_longer_side(bones.sizes).items():
        labels = bones.labels[keep]
        if len(np.unique(labels)) == 2:
            figures = _binary(probabilities[keep], np.zeros(len(labels)), labels)
            found[name] = {
                "pictures": len(np.unique(bones.ids[keep])),
                "fractured": len(np.unique(bones.ids[keep][labels == 1])),
                "auroc": with_intervals(figures, bones.groups[keep], seed, resamples)["auroc"],
            }
    return found


def _binary(
    probabilities: np.ndarray, calls: np.ndarray, labels: np.ndarray
) -> Callable[[np.ndarray], Figures]:
    """Figures of a three-state call; ``labels`` 1 is fractured."""
    ranked, fractured = Ranked.of(probabilities), labels == 1
    two = Scored(labels, np.stack([1 - probabilities, probabilities], 1))

    def figures(weights: np.ndarray) -> Figures:
        ill, well = weights * fractured, weights * ~fractured
        if not ill.any() or not well.any():
            return {}
        return {
            "auroc": auroc(ranked, fractured, weights),
            "sensitivity_not_negative": float(ill[calls >= 0].sum() / ill.sum()),
            "specificity_not_negative": float(well[calls < 0].sum() / well.sum()),
            "sensitivity_positive": float(ill[calls > 0].sum() / ill.sum()),
            "specificity_positive": float(well[calls <= 0].sum() / well.sum()),
            "doubt": float(weights[calls == 0].sum() / weights.sum()),
            "ece": calibration_error(two, weights),
        }

    return figures


def _roc(probabilities: np.ndarray, fractured: np.ndarray) -> list[list[float]]:
    """[1 − specificity, sensitivity] from the strictest to the laxest threshold, 101 at the most."""
    ordered = fractured[np.argsort(-probabilities, kind="stable")]
    steps = np.unique(np.linspace(0, len(ordered), 101).round().astype(int))
    ill, well = (np.concatenate([[0], np.cumsum(each)])[steps] for each in (ordered, ~ordered))
    return np.stack([well / well[-1], ill / ill[-1]], 1).round(4).tolist()
