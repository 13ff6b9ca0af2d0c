"""Figures of weighted pictures, so that a bootstrap is a reweighting."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

BINS = 15  # of the expected calibration error (Guo et al., 2017)
MOST_CONFIDENT = (15, 35, 50)  # per cent of the pictures that accuracy is also given for


@dataclass(frozen=True)
class Ranked:
    """Scores in rising order, sorted once for many weightings. ``order`` (N,): indices; ``first`` and
    ``last`` (N,): where the run of equal scores begins and ends that each place lies in.
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
    """What the figures need of N pictures: ``labels`` (N,), ``probabilities`` (N, K), calibrated. K: the ten
    types, or the four coarse groups.

    ``members`` (N, K) bool: the prediction sets.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    members: np.ndarray | None = None

    def where(self, keep: np.ndarray) -> Self:
        """The pictures of (N,) bool ``keep``."""
        members = None if self.members is None else self.members[keep]
        return replace(
            self,
            labels=self.labels[keep],
            probabilities=self.probabilities[keep],
            members=members,
        )

    @property
    def classes(self) -> int:
        """K, also where no picture is of some class."""
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
        """Indices, the surest first."""
        return np.argsort(-self.confidence, kind="stable")

    @cached_property
    def own(self) -> np.ndarray:
        """The true class's probability."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]

    @cached_property
    def rank(self) -> np.ndarray:
        """How many classes are more probable than the true one."""
        return (self.probabilities > self.own[:, None]).sum(1)

    @cached_property
    def ranked(self) -> list[Ranked]:
        """Of each class's probabilities, for the AUROC."""
        return [Ranked.of(column) for column in self.probabilities.T]


def confusion(predictions: Predictions, weights: np.ndarray) -> np.ndarray:
    """(K, K): rows are the true class, columns the predicted one."""
    k = predictions.classes
    cells = predictions.labels * k + predictions.predicted
    return np.bincount(cells, weights, minlength=k * k).reshape(k, k)


def per_class(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class, (K,) each; 0 where nothing was predicted."""
    hits = np.diag(matrix)
    precision = _ratio(hits, matrix.sum(0))
    recall = _ratio(hits, matrix.sum(1))
    return precision, recall, _ratio(2 * hits, matrix.sum(0) + matrix.sum(1))


def summary(predictions: Predictions, weights: np.ndarray) -> dict[str, float]:
    """The main figures of the classes, each 0..1 but the set's size."""
    matrix = confusion(predictions, weights)
    present = matrix.sum(1) > 0  # a resample may miss a class: then it says nothing of it
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
    """Accuracy on the surest ``share`` of the pictures."""
    ordered = weights[predictions.by_confidence]
    taken = np.clip(share * ordered.sum() - (np.cumsum(ordered) - ordered), 0, ordered)
    return float((taken * predictions.right[predictions.by_confidence]).sum() / taken.sum())


def macro_auroc(predictions: Predictions, weights: np.ndarray) -> float:
    """Mean over the classes of one against the rest; NaN where there is one class only."""
    areas = aurocs(predictions, weights)
    there = ~np.isnan(areas)
    return float(areas[there].mean()) if there.any() else np.nan


def aurocs(predictions: Predictions, weights: np.ndarray) -> np.ndarray:
    """(K,): each class against the rest; NaN for one that none or all of the pictures are of."""
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
    """How often the set holds the true class, for all and for the worst class; how large it is."""
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
