"""The figures of each class, type or coarse group: precision, recall, F1 and AUROC."""

from functools import partial
from typing import Any

import numpy as np

from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals
from training.evaluation.metrics import Predictions, aurocs, confusion, per_class

_OF_CLASS = ("precision", "recall", "f1", "auroc")


def class_figures(
    names: tuple[str, ...],
    predictions: Predictions,
    scores: ClassifierScores,
    seed: int,
    resamples: int,
) -> dict[str, dict[str, Any]]:
    """For each class of ``names``: the number of pictures, and its figures with their intervals.

    ``predictions``: labels and probabilities of these classes. ``scores``: groups and repeats.
    """
    figures = mean_of_repeats(
        scores.repeats, lambda keep: partial(_by_class, names, predictions.where(keep))
    )
    shares = {}
    for at, label in enumerate(names):
        shares[f"{label} precision"] = predictions.predicted == at
        shares[f"{label} recall"] = predictions.labels == at
    found = with_intervals(figures, scores.groups, seed, resamples, shares)
    counts = np.bincount(predictions.labels, minlength=len(names)) / len(np.unique(scores.repeats))
    return {
        label: {"pictures": round(count)} | {name: found[f"{label} {name}"] for name in _OF_CLASS}
        for label, count in zip(names, counts, strict=True)
    }


def _by_class(names: tuple[str, ...], predictions: Predictions, weights: np.ndarray) -> Figures:
    """``CLASS FIGURE`` → value. What a resample can't tell is left out."""
    columns = zip(
        *per_class(confusion(predictions, weights)), aurocs(predictions, weights), strict=True
    )
    found = {
        f"{label} {name}": float(figure)
        for label, column in zip(names, columns, strict=True)
        for name, figure in zip(_OF_CLASS, column, strict=True)
    }
    return {key: figure for key, figure in found.items() if not np.isnan(figure)}
