"""Temperature, prediction sets, the call and the refusal: every number that is fitted on scores.

What is reported is cross-fitted: a fold's numbers come from the same repeat's other folds. Folds are
group-disjoint, so no score of a picture or of its twins has a say in its own calibration; the networks
behind the other folds' scores have learnt from it, though: this is not nested.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from classifier.assessability import foreign_log_odds
from classifier.call import CallRule
from classifier.classify import calibrated
from classifier.labels import CLASSES
from training.evaluation.classifier_scores import ClassifierScores

COVERAGE = 0.9  # how often a prediction set shall hold the true class, whichever that is
SENSITIVITY = 0.95  # of a call that is not negative
SPECIFICITY = 0.95  # of a positive call
FALSE_REFUSALS = 0.02  # of the bone radiographs


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of the least negative log-likelihood (Guo et al., 2017), within 0.05..20."""

    def loss(log_temperature: float) -> float:
        probabilities = calibrated(logits, float(np.exp(log_temperature)))
        own = probabilities[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(own, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def set_thresholds(
    probabilities: np.ndarray, labels: np.ndarray, coverage: float = COVERAGE
) -> np.ndarray:
    """(10,): the least probability with which each class enters the set.

    Class-conditional split conformal with 1 − p as the score (Sadinle, Lei and Wasserman, 2019): the
    ⌈(n + 1)·coverage⌉-th smallest score of a class's own n pictures, so that the promise holds for
    each class. 0 where there are too few pictures to promise it.
    """
    return np.array(
        [
            _threshold(probabilities[labels == label, label], coverage)
            for label in range(probabilities.shape[1])
        ]
    )


def served_thresholds(scores: ClassifierScores, temperature: float) -> np.ndarray:
    """(10,): the mean over the repeats, each of which has every picture once: the promise counts pictures."""
    repeats = np.unique(scores.repeats)
    each = [
        set_thresholds(
            calibrated(scores.logits[scores.repeats == repeat], temperature),
            scores.labels[scores.repeats == repeat],
        )
        for repeat in repeats
    ]
    mean: np.ndarray = np.mean(each, axis=0)
    return mean


def _threshold(own: np.ndarray, coverage: float) -> float:
    rank = int(np.ceil((len(own) + 1) * coverage))
    return float(np.sort(own)[::-1][rank - 1]) if rank <= len(own) else 0.0


def fit_call(fracture: np.ndarray, labels: np.ndarray) -> CallRule:
    """Platt's calibration of raw log-odds, and the two operating points on its probabilities.

    Negative below the point that ``SENSITIVITY`` of the fractured lie above; positive from the point
    that ``SPECIFICITY`` of the healthy lie below. Where the two cross there is no doubt, and the call
    turns at their middle.
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
    """(N, K) raw scores of bone radiographs → the log-odds that ``FALSE_REFUSALS`` of them exceed."""
    return float(np.quantile(foreign_log_odds(kinds), 1 - FALSE_REFUSALS))


def cross_fitted(scores: ClassifierScores) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, 10) and set membership (N, 10), each fold's by the other folds' numbers."""
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
    members[np.arange(len(members)), probabilities.argmax(1)] = True  # never empty
    return probabilities, members


def cross_called(scores: ClassifierScores) -> tuple[np.ndarray, np.ndarray]:
    """P(fracture) (N,) and calls (N,) as -1 negative, 0 doubt, 1 positive, likewise."""
    probabilities, calls = np.zeros(len(scores)), np.zeros(len(scores), int)
    for fold in scores.fold_masks:
        rest = scores.other_folds(fold)
        rule = fit_call(scores.fracture[rest], scores.labels[rest])
        probabilities[fold] = [rule.probability(score) for score in scores.fracture[fold]]
        calls[fold] = called(probabilities[fold], rule)
    return probabilities, calls


def called(probabilities: np.ndarray, rule: CallRule) -> np.ndarray:
    """(N,) → -1 negative, 0 doubt, 1 positive."""
    positive, negative = probabilities >= rule.positive_from, probabilities < rule.negative_below
    return positive.astype(int) - (negative & ~positive).astype(int)


def thresholds_by_name(thresholds: np.ndarray) -> dict[str, float]:
    return {name: round(float(each), 6) for name, each in zip(CLASSES, thresholds, strict=True)}
