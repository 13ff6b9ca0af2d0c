"""The figures of the fracture head: grouped folds, and the external test set."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.calibration import called, cross_called, fit_call
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals
from training.evaluation.figures.curves import reliability
from training.evaluation.metrics import Predictions, Ranked, auroc, calibration_error


def fracture_figures(
    bones: ClassifierScores, external_test: ClassifierScores, seed: int, resamples: int
) -> dict[str, Any]:
    """``bones``: of the grouped folds. ``external_test``: nothing was fitted on it."""
    probabilities, calls = cross_called(bones)
    found: dict[str, Any] = {
        "pictures": len(np.unique(bones.ids)),
        "fractured": len(np.unique(bones.ids[bones.labels == 1])),
        "groups": len(np.unique(bones.groups)),
        **_with_intervals(probabilities, calls, bones, seed, resamples),
        "reliability": reliability(
            np.maximum(probabilities, 1 - probabilities),
            (probabilities >= 0.5) == bones.labels,
            bones,
            seed,
            resamples,
        ),
        "roc": _roc(probabilities, bones.labels == 1),
        "slices": _by_size(probabilities, calls, bones, seed, resamples),
        "by_size_alone": _by_size_alone(bones, seed, resamples),
    }
    if len(np.unique(external_test.labels)) == 2:
        rule = fit_call(bones.fracture, bones.labels)
        there = np.array([rule.probability(score) for score in external_test.fracture])
        found["outside"] = {
            "pictures": len(external_test),
            **_with_intervals(there, called(there, rule), external_test, seed, resamples),
            "roc": _roc(there, external_test.labels == 1),
        }
    return found


def _with_intervals(
    probabilities: np.ndarray,
    calls: np.ndarray,
    scores: ClassifierScores,
    seed: int,
    resamples: int,
) -> dict[str, Any]:
    ill = scores.labels == 1
    shares = {
        f"{name}_{call}": rows
        for name, rows in (("sensitivity", ill), ("specificity", ~ill))
        for call in ("not_negative", "positive")
    } | {"doubt": np.ones(len(ill), bool)}
    figures = mean_of_repeats(
        scores.repeats,
        lambda keep: binary_figures(probabilities[keep], calls[keep], scores.labels[keep]),
    )
    return with_intervals(figures, scores.groups, seed, resamples, shares)


def _by_size(
    probabilities: np.ndarray, calls: np.ndarray, bones: ClassifierScores, seed: int, resamples: int
) -> dict[str, dict[str, Any]]:
    """The figures for files of the most frequent size, and for all others.

    If the size depends on the state, a network may learn the source of a file and not the fracture.
    """
    width, height = _commonest(bones.sizes)
    usual = (bones.sizes == (width, height)).all(1)
    found = {}
    for name, keep in ((f"{width} × {height} pixels", usual), ("any other size", ~usual)):
        kept = bones.where(keep)
        if len(np.unique(kept.labels)) == 2:
            found[name] = {
                "pictures": len(np.unique(kept.ids)),
                "fractured": len(np.unique(kept.ids[kept.labels == 1])),
                **_with_intervals(probabilities[keep], calls[keep], kept, seed, resamples),
            }
    return found


def _by_size_alone(bones: ClassifierScores, seed: int, resamples: int) -> dict[str, Any]:
    """The AUROC of knowing only whether a file has the most frequent size."""
    usual = (bones.sizes == _commonest(bones.sizes)).all(1)
    if usual.mean() > usual[bones.labels == 1].mean():
        usual = ~usual
    figures = binary_figures(usual.astype(float), np.zeros(len(usual)), bones.labels)
    return {"auroc": with_intervals(figures, bones.groups, seed, resamples)["auroc"]}


def _commonest(sizes: np.ndarray) -> np.ndarray:
    """(N, 2) → (2,): the most frequent width and height."""
    found, counts = np.unique(sizes, axis=0, return_counts=True)
    most: np.ndarray = found[counts.argmax()]
    return most


def binary_figures(
    probabilities: np.ndarray, calls: np.ndarray, labels: np.ndarray
) -> Callable[[np.ndarray], Figures]:
    """Figures of a call with three states. ``labels``: 1 is fractured."""
    ranked, fractured = Ranked.of(probabilities), labels == 1
    two = Predictions(labels, np.stack([1 - probabilities, probabilities], 1))

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
    """[1 − specificity, sensitivity] from the strictest to the most lenient threshold, at most 101 points."""
    ordered = fractured[np.argsort(-probabilities, kind="stable")]
    steps = np.unique(np.linspace(0, len(ordered), 101).round().astype(int))
    ill, well = (np.concatenate([[0], np.cumsum(state)])[steps] for state in (ordered, ~ordered))
    return np.stack([well / well[-1], ill / ill[-1]], 1).round(4).tolist()
