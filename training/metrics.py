"""Figures of a ten-class classifier, each for weighted pictures, so that a bootstrap is a reweighting."""

from dataclasses import dataclass

import numpy as np

from classifier.labels import CLASSES

BINS = 15  # of the expected calibration error (Guo et al., 2017)
_K = len(CLASSES)


@dataclass(frozen=True)
class Scored:
    """What the figures need of N pictures: ``labels`` (N,), ``probabilities`` (N, 10), calibrated."""

    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        return self.probabilities.argmax(1)


def confusion(scored: Scored, weights: np.ndarray) -> np.ndarray:
    """(10, 10): rows are the true class, columns the predicted one."""
    cells = scored.labels * _K + scored.predicted
    return np.bincount(cells, weights, minlength=_K * _K).reshape(_K, _K)


def per_class(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class, (10,) each; nought where nothing was predicted."""
    hits = np.diag(matrix)
    precision = _ratio(hits, matrix.sum(0))
    recall = _ratio(hits, matrix.sum(1))
    return precision, recall, _ratio(2 * hits, matrix.sum(0) + matrix.sum(1))


def summary(scored: Scored, weights: np.ndarray) -> dict[str, float]:
    """The main figures, each 0..1: accuracy, balanced accuracy, macro-F1, top-3 accuracy, ECE."""
    matrix = confusion(scored, weights)
    present = matrix.sum(1) > 0  # a resample may miss a class: then it says nothing of it
    _, recall, f1 = per_class(matrix)
    own = scored.probabilities[np.arange(len(scored.labels)), scored.labels]
    rank = (scored.probabilities > own[:, None]).sum(1)
    return {
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "top3_accuracy": float(weights[rank < 3].sum() / weights.sum()),
        "ece": calibration_error(scored, weights),
    }


def calibration_error(scored: Scored, weights: np.ndarray) -> float:
    """Expected calibration error of the top class: 15 equal bins of confidence."""
    confidence = scored.probabilities.max(1)
    right = scored.predicted == scored.labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gap = np.bincount(bins, weights * (right - confidence), minlength=BINS)
    return float(np.abs(gap).sum() / weights.sum())


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(_K), where=whole > 0)
