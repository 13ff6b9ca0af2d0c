"""Metrics of weighted pictures: a bootstrap resample is a vector of weights."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

BINS = 15  # bins of the expected calibration error (Guo et al., 2017)
MOST_CONFIDENT = (15, 35, 50)  # accuracy is also given for these percentages of the pictures


@dataclass(frozen=True)
class Ranked:
    """N scores in rising order, sorted once for many vectors of weights.

    ``order`` (N,): indices. ``first``, ``last`` (N,): the first and the last place with the same score.
    """

    order: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray) -> Self:
        order = np.argsort(scores, kind="stable")
        ordered = scores[order]
        first = np.searchsorted(ordered, ordered, "left")
        return cls(order, first, np.searchsorted(ordered, ordered, "right") - 1)


@dataclass(frozen=True)
class Predictions:
    """The predictions for N pictures; K classes: the ten types, or the four coarse groups.

    ``labels`` (N,). ``probabilities`` (N, K), calibrated. ``members`` (N, K) bool: the prediction sets, if
    any.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    members: np.ndarray | None = None

    def where(self, keep: np.ndarray) -> Self:
        """The pictures that the mask ``keep`` (N,) chooses."""
        members = None if self.members is None else self.members[keep]
        return replace(
            self,
            labels=self.labels[keep],
            probabilities=self.probabilities[keep],
            members=members,
        )

    @property
    def classes(self) -> int:
        """K, even if no picture has one of the classes."""
        return self.probabilities.shape[1]

    @cached_property
    def predicted(self) -> np.ndarray:
        return self.probabilities.argmax(1)

    @cached_property
    def right(self) -> np.ndarray:
        return self.predicted == self.labels

    @cached_property
    def confidence(self) -> np.ndarray:
        return self.probabilities.max(1)

    @cached_property
    def by_confidence(self) -> np.ndarray:
        """(N,) indices; the most confident picture comes first."""
        return np.argsort(-self.confidence, kind="stable")

    @cached_property
    def own(self) -> np.ndarray:
        """(N,): the probability of the true class."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]

    @cached_property
    def rank(self) -> np.ndarray:
        """(N,): how many classes are more probable than the true one."""
        return (self.probabilities > self.own[:, None]).sum(1)

    @cached_property
    def ranked(self) -> list[Ranked]:
        """The probabilities of each class, ranked for its AUROC."""
        return [Ranked.of(column) for column in self.probabilities.T]


def confusion(predictions: Predictions, weights: np.ndarray) -> np.ndarray:
    """(K, K): rows are the true class, columns the predicted one."""
    k = predictions.classes
    cells = predictions.labels * k + predictions.predicted
    return np.bincount(cells, weights, minlength=k * k).reshape(k, k)


def per_class(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class, (K,) each; 0 if nothing was predicted."""
    hits = np.diag(matrix)
    precision = _ratio(hits, matrix.sum(0))
    recall = _ratio(hits, matrix.sum(1))
    return precision, recall, _ratio(2 * hits, matrix.sum(0) + matrix.sum(1))


def summary(predictions: Predictions, weights: np.ndarray) -> dict[str, float]:
    """The main metrics, each 0..1, except the mean size of the sets."""
    matrix = confusion(predictions, weights)
    present = matrix.sum(1) > 0  # a resample may miss a class, which then has no value
    _, recall, f1 = per_class(matrix)
    main = {
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "top3_accuracy": float(weights[predictions.rank < 3].sum() / weights.sum()),
        "macro_auroc": macro_auroc(predictions, weights),
        "ece": calibration_error(predictions, weights),
    }
    for share in MOST_CONFIDENT:
        main[f"accuracy_at_{share}"] = accuracy_at(predictions, weights, share / 100)
    return main | _sets(predictions, weights)


def accuracy_at(predictions: Predictions, weights: np.ndarray, share: float) -> float:
    """Accuracy on the most confident ``share`` of the pictures."""
    ordered = weights[predictions.by_confidence]
    taken = np.clip(share * ordered.sum() - (np.cumsum(ordered) - ordered), 0, ordered)
    return float((taken * predictions.right[predictions.by_confidence]).sum() / taken.sum())


def macro_auroc(predictions: Predictions, weights: np.ndarray) -> float:
    """Mean over the classes of one against the rest; NaN if there is one class only."""
    areas = aurocs(predictions, weights)
    there = ~np.isnan(areas)
    return float(areas[there].mean()) if there.any() else np.nan


def aurocs(predictions: Predictions, weights: np.ndarray) -> np.ndarray:
    """(K,): AUROC of each class against the rest; NaN if no picture, or every picture, has the class."""
    shares = np.bincount(predictions.labels, weights, minlength=predictions.classes) / weights.sum()
    return np.array(
        [
            auroc(ranked, predictions.labels == label, weights) if 0 < shares[label] < 1 else np.nan
            for label, ranked in enumerate(predictions.ranked)
        ]
    )


def auroc(ranked: Ranked, positive: np.ndarray, weights: np.ndarray) -> float:
    """Area under the ROC curve (Mann and Whitney); equal scores count half."""
    hits = weights[ranked.order] * positive[ranked.order]
    rest = weights[ranked.order] * ~positive[ranked.order]
    below = np.concatenate([[0], np.cumsum(rest)])
    beaten = (below[ranked.first] + below[ranked.last + 1]) / 2
    return float((hits * beaten).sum() / (hits.sum() * rest.sum()))


def calibration_error(predictions: Predictions, weights: np.ndarray) -> float:
    """Expected calibration error of the top class: 15 equal bins of confidence."""
    gap = np.bincount(
        bins_of(predictions.confidence),
        weights * (predictions.right - predictions.confidence),
        minlength=BINS,
    )
    return float(np.abs(gap).sum() / weights.sum())


def bins_of(confidence: np.ndarray) -> np.ndarray:
    """(N,) confidences of 0..1 → (N,) numbers of their bins, each a fifteenth wide."""
    return np.minimum((confidence * BINS).astype(int), BINS - 1)


def _sets(predictions: Predictions, weights: np.ndarray) -> dict[str, float]:
    """Coverage of the sets, over all pictures and for the worst class, and their mean size."""
    if predictions.members is None:
        return {}
    hit = weights * predictions.members[np.arange(len(predictions.labels)), predictions.labels]
    by_class = np.bincount(predictions.labels, hit, minlength=predictions.classes)
    there = np.bincount(predictions.labels, weights, minlength=predictions.classes)
    return {
        "set_coverage": float(hit.sum() / weights.sum()),
        "set_worst_coverage": float((by_class[there > 0] / there[there > 0]).min()),
        "set_size": float((weights * predictions.members.sum(1)).sum() / weights.sum()),
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
