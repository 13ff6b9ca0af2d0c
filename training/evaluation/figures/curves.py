"""The points of the plots, each with its 95 % interval by group bootstrap."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals
from training.evaluation.metrics import BINS, Predictions, accuracy_at, bins_of, confusion

_STEPS = 20  # shares of the coverage curve


def confusion_intervals(
    predictions: Predictions, groups: np.ndarray, seed: int, resamples: int
) -> dict[str, list[list[float]]]:
    """``low`` and ``high``, (K, K) each: the share of a true class (row) that is taken for another."""
    k = predictions.classes

    def figures(weights: np.ndarray) -> Figures:
        matrix = confusion(predictions, weights)
        return {
            str(row * k + column): matrix[row, column] / matrix[row].sum()
            for row in np.flatnonzero(matrix.sum(1))
            for column in range(k)
        }

    bounds = np.zeros((2, k * k))
    shares = {str(cell): predictions.labels == cell // k for cell in range(k * k)}
    for cell, found in with_intervals(figures, groups, seed, resamples, shares).items():
        bounds[:, int(cell)] = found["interval"]
    low, high = bounds.reshape(2, k, k).round(4).tolist()
    return {"low": low, "high": high}


def reliability(
    confidence: np.ndarray, right: np.ndarray, scores: ClassifierScores, seed: int, resamples: int
) -> list[dict[str, Any]]:
    """For each bin of confidence with pictures: their mean number in a repeat, mean confidence, accuracy."""
    bins, repeats = bins_of(confidence), len(np.unique(scores.repeats))
    shares = {str(number): bins == number for number in np.unique(bins)}

    def figures(weights: np.ndarray) -> Figures:
        there = np.bincount(bins, weights, minlength=BINS)
        hits = np.bincount(bins, weights * right, minlength=BINS)
        return {str(row): hits[row] / there[row] for row in np.flatnonzero(there)}

    return [
        {
            "pictures": round(int(shares[name].sum()) / repeats, 1),
            "confidence": round(float(confidence[shares[name]].mean()), 4),
            "accuracy": round(accuracy["value"], 4),
            "interval": [round(bound, 4) for bound in accuracy["interval"]],
        }
        for name, accuracy in with_intervals(
            figures, scores.groups, seed, resamples, shares
        ).items()
    ]


def coverage_curve(
    predictions: Predictions, scores: ClassifierScores, seed: int, resamples: int
) -> list[dict[str, Any]]:
    """Accuracy on the most confident 5, 10, … 100 % of the pictures."""
    shares = {f"{step / _STEPS:.2f}": step / _STEPS for step in range(1, _STEPS + 1)}

    def of(keep: np.ndarray) -> Callable[[np.ndarray], Figures]:
        kept = predictions.where(keep)
        return lambda weights: {
            name: accuracy_at(kept, weights, share) for name, share in shares.items()
        }

    figures = mean_of_repeats(scores.repeats, of)
    return [
        {"coverage": shares[name], "accuracy": found["value"], "interval": found["interval"]}
        for name, found in with_intervals(figures, scores.groups, seed, resamples).items()
    ]
