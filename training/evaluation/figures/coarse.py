"""The figures of the four coarse groups of the ten types."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.calibration import cross_fitted
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.coarse_groups import COARSE, coarse_labels, coarse_probabilities
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals
from training.evaluation.figures.classes import class_figures
from training.evaluation.figures.curves import confusion_intervals
from training.evaluation.metrics import Predictions, confusion, summary

_MAIN = ("accuracy", "macro_f1")


def coarse_figures(scores: ClassifierScores, seed: int, resamples: int) -> dict[str, Any]:
    """Accuracy, macro-F1, the figures of each group and the confusion, from the scores of the ten types.

    The predicted group is the one with the largest sum of its types' calibrated probabilities. It need not
    contain the most probable type.
    """
    probabilities, _ = cross_fitted(scores)
    predictions = Predictions(coarse_labels(scores.labels), coarse_probabilities(probabilities))

    def of(keep: np.ndarray) -> Callable[[np.ndarray], Figures]:
        kept = predictions.where(keep)

        def figures(weights: np.ndarray) -> Figures:
            found = summary(kept, weights)
            return {name: found[name] for name in _MAIN}

        return figures

    figures = mean_of_repeats(scores.repeats, of)
    matrix = confusion(predictions, np.ones(len(scores))) / len(np.unique(scores.repeats))
    return {
        **with_intervals(figures, scores.groups, seed, resamples),
        "classes": class_figures(COARSE, predictions, scores, seed, resamples),
        "confusion": matrix.round(2).tolist(),
        "confusion_intervals": confusion_intervals(predictions, scores.groups, seed, resamples),
    }
