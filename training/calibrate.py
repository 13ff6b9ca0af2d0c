"""Temperature and conformal threshold, and what they do to pictures that they weren't fitted on."""

import numpy as np
from scipy.optimize import minimize_scalar

from classifier.classify import calibrated
from training.scores import OutOfFold

COVERAGE = 0.9  # how often a prediction set shall hold the true class


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of the least negative log-likelihood (Guo et al., 2017), within 0.05..20."""

    def loss(log_temperature: float) -> float:
        probabilities = calibrated(logits, float(np.exp(log_temperature)))
        own = probabilities[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(own, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def set_threshold(
    probabilities: np.ndarray, labels: np.ndarray, coverage: float = COVERAGE
) -> float:
    """The least probability with which a class enters the set (split conformal, 1 − p as the score).

    Sadinle, Lei and Wasserman, 2019: the ⌈(n + 1)·coverage⌉-th smallest score. Nought, hence every
    class, where there are too few pictures to promise the coverage.
    """
    scores = np.sort(1 - probabilities[np.arange(len(labels)), labels])
    rank = int(np.ceil((len(scores) + 1) * coverage))
    return float(1 - scores[rank - 1]) if rank <= len(scores) else 0.0


def cross_fitted(scores: OutOfFold) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, 10) and set membership (N, 10), each fold's by the other folds' parameters.

    Folds are group-disjoint, so no twin of a picture has a say in its own calibration.
    """
    probabilities = np.zeros(scores.logits.shape)
    members = np.zeros(scores.logits.shape, bool)
    for fold in np.unique(scores.folds):
        here = scores.folds == fold
        temperature = fit_temperature(scores.logits[~here], scores.labels[~here])
        others = calibrated(scores.logits[~here], temperature)
        threshold = set_threshold(others, scores.labels[~here])
        probabilities[here] = calibrated(scores.logits[here], temperature)
        members[here] = probabilities[here] >= threshold
    members[np.arange(len(members)), probabilities.argmax(1)] = True  # never empty
    return probabilities, members
