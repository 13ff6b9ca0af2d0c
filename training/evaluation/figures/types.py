"""The figures of the ten types: cross-validated, the curves of the plots, and the shipped split."""

from functools import partial
from typing import Any

import numpy as np

from classifier.classify import calibrated
from classifier.labels import CLASSES
from training.evaluation.calibration import cross_fitted, fit_temperature
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals
from training.evaluation.figures.classes import class_figures
from training.evaluation.figures.curves import confusion_intervals, coverage_curve, reliability
from training.evaluation.figures.slices import slices
from training.evaluation.metrics import Predictions, confusion, summary


def types_figures(scores: ClassifierScores, seed: int, resamples: int) -> dict[str, Any]:
    """The figures of the ten types, with the confusion matrix and the curves of the plots."""
    probabilities, members = cross_fitted(scores)
    predictions = Predictions(scores.labels, probabilities, members)
    matrix = confusion(predictions, np.ones(len(scores)))
    repeats = len(np.unique(scores.repeats))
    return {
        "pictures": len(np.unique(scores.ids)),
        "groups": len(np.unique(scores.groups)),
        "repeats": repeats,
        **with_intervals(
            mean_of_repeats(scores.repeats, lambda keep: partial(summary, predictions.where(keep))),
            scores.groups,
            seed,
            resamples,
        ),
        "folds": [round(float(predictions.right[fold].mean()), 4) for fold in scores.fold_masks],
        "classes": class_figures(CLASSES, predictions, scores, seed, resamples),
        "confusion": (matrix / repeats).round(2).tolist(),
        "confusion_intervals": confusion_intervals(predictions, scores.groups, seed, resamples),
        "reliability": reliability(
            predictions.confidence, predictions.right, scores, seed, resamples
        ),
        "coverage_curve": coverage_curve(predictions, scores, seed, resamples),
        "slices": slices(scores, predictions, seed, resamples),
    }


def shipped_figures(
    shipped: ClassifierScores, types: ClassifierScores, seed: int, resamples: int
) -> dict[str, Any] | None:
    """The figures of the data set's own Test split: all rows, leaked rows (a twin is in Train), clean rows.

    The temperature comes from the folds; no number is fitted on the split itself.
    """
    if not len(shipped):
        return None
    temperature = fit_temperature(types.logits, types.labels)
    rows = {
        "all": np.ones(len(shipped), bool),
        "leaked": shipped.leaked,
        "clean": ~shipped.leaked,
    }
    return {
        name: _split_figures(shipped.where(keep), temperature, seed, resamples)
        for name, keep in rows.items()
        if keep.any()
    }


def _split_figures(
    scores: ClassifierScores, temperature: float, seed: int, resamples: int
) -> dict[str, Any]:
    predictions = Predictions(scores.labels, calibrated(scores.logits, temperature))

    def figures(weights: np.ndarray) -> Figures:
        found = summary(predictions, weights)
        return {name: found[name] for name in ("accuracy", "macro_f1", "top3_accuracy")}

    return {"pictures": len(scores), **with_intervals(figures, scores.groups, seed, resamples)}
