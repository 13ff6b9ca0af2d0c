"""Every number that is fitted on scores: temperature, prediction sets, call, refusal.

Reported figures are cross-fitted: the numbers of a fold are fitted on the same repeat's other folds. Folds
share no group, so the score of a picture never influences its own calibration, nor do the scores of its
twins. This is not nested cross-validation: the networks behind the other folds' scores were trained on this
fold.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from classifier.assessability import non_radiograph_log_odds
from classifier.call import CallRule
from classifier.classify import calibrated
from classifier.labels import CLASSES
from training.evaluation.classifier_scores import ClassifierScores

COVERAGE = 0.9  # share of each class whose prediction sets must contain the true class
SENSITIVITY = 0.95  # share of the fractured that must not be called negative
SPECIFICITY = 0.95  # share of the healthy that must not be called positive
FALSE_REFUSALS = 0.02  # share of the bone radiographs that may be refused


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, 0.05..20, with the lowest negative log-likelihood (Guo et al., 2017)."""

    def loss(log_temperature: float) -> float:
        probabilities = calibrated(logits, float(np.exp(log_temperature)))
        own = probabilities[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(own, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def set_thresholds(
    probabilities: np.ndarray, labels: np.ndarray, coverage: float = COVERAGE
) -> np.ndarray:
    """(10,): the lowest probability at which each class belongs to the prediction set.

    Class-conditional split conformal prediction with the score 1 − p (Sadinle, Lei and Wasserman, 2019): the
    ⌈(n + 1)·coverage⌉-th smallest score of the n pictures of a class, so that the coverage holds for each
    class. 0 where a class has too few pictures for this coverage.
    """
    return np.array(
        [
            _threshold(probabilities[labels == label, label], coverage)
            for label in range(probabilities.shape[1])
        ]
    )


def served_thresholds(scores: ClassifierScores, temperature: float) -> np.ndarray:
    """(10,): the mean of the thresholds of the repeats.

    Each repeat has every picture once, and the guarantee counts pictures. All repeats in one table would
    count each picture several times.
    """
    repeats = np.unique(scores.repeats)
    of_repeats = [
        set_thresholds(
            calibrated(scores.logits[scores.repeats == repeat], temperature),
            scores.labels[scores.repeats == repeat],
        )
        for repeat in repeats
    ]
    mean: np.ndarray = np.mean(of_repeats, axis=0)
    return mean


def _threshold(own: np.ndarray, coverage: float) -> float:
    rank = int(np.ceil((len(own) + 1) * coverage))
    return float(np.sort(own)[::-1][rank - 1]) if rank <= len(own) else 0.0


def fit_call(fracture: np.ndarray, labels: np.ndarray) -> CallRule:
    """Platt's calibration of raw log-odds, and the two operating points on its probabilities.

    A call is negative below the first point: the share ``SENSITIVITY`` of the fractured lies above it. It is
    positive from the second point on: the share ``SPECIFICITY`` of the healthy lies below it. If the points
    cross, both become their mean, and there is no doubt.
    """
    model = LogisticRegression(C=1e6).fit(fracture[:, None], labels)
    slope, intercept = max(float(model.coef_[0, 0]), 1e-6), float(model.intercept_[0])
    rule = CallRule(slope, intercept, 0.0, 1.0)
    probabilities = np.array([rule.probability(score) for score in fracture])
    low = float(np.quantile(probabilities[labels == 1], 1 - SENSITIVITY))
    high = float(np.quantile(probabilities[labels == 0], SPECIFICITY))
    if low > high:
        low = high = (low + high) / 2
    return CallRule(round(slope, 6), round(intercept, 6), round(low, 6), round(high, 6))


def fit_refusal(kinds: np.ndarray) -> float:
    """(N, K) raw scores of bone radiographs → the log-odds that the share ``FALSE_REFUSALS`` of them
    exceeds.
    """
    return float(np.quantile(non_radiograph_log_odds(kinds), 1 - FALSE_REFUSALS))


def cross_fitted(scores: ClassifierScores) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, 10) and set membership (N, 10) bool, with numbers fitted on the other folds."""
    probabilities = np.zeros(scores.logits.shape)
    members = np.zeros(scores.logits.shape, bool)
    for fold in scores.fold_masks:
        rest = scores.other_folds(fold)
        temperature = fit_temperature(scores.logits[rest], scores.labels[rest])
        thresholds = set_thresholds(
            calibrated(scores.logits[rest], temperature), scores.labels[rest]
        )
        probabilities[fold] = calibrated(scores.logits[fold], temperature)
        members[fold] = probabilities[fold] >= thresholds
    members[np.arange(len(members)), probabilities.argmax(1)] = True  # a set is never empty
    return probabilities, members


def cross_called(scores: ClassifierScores) -> tuple[np.ndarray, np.ndarray]:
    """P(fracture) (N,) and calls (N,), with a rule fitted on the other folds: -1 negative, 0 doubt, 1
    positive.
    """
    probabilities, calls = np.zeros(len(scores)), np.zeros(len(scores), int)
    for fold in scores.fold_masks:
        rest = scores.other_folds(fold)
        rule = fit_call(scores.fracture[rest], scores.labels[rest])
        probabilities[fold] = [rule.probability(score) for score in scores.fracture[fold]]
        calls[fold] = called(probabilities[fold], rule)
    return probabilities, calls


def called(probabilities: np.ndarray, rule: CallRule) -> np.ndarray:
    """(N,) probabilities → -1 negative, 0 doubt, 1 positive."""
    positive, negative = probabilities >= rule.positive_from, probabilities < rule.negative_below
    return positive.astype(int) - (negative & ~positive).astype(int)


def thresholds_by_name(thresholds: np.ndarray) -> dict[str, float]:
    return {
        name: round(float(threshold), 6)
        for name, threshold in zip(CLASSES, thresholds, strict=True)
    }
