"""The honest figures of a run: from out-of-fold scores, folds split by group, intervals by group."""

from typing import Any

import numpy as np

from classifier.labels import CLASSES
from training.calibrate import COVERAGE, cross_fitted
from training.metrics import Scored, confusion, per_class, summary
from training.scores import OutOfFold

RESAMPLES = 2000


def evaluate(scores: OutOfFold, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Any]:
    """The ``metrics`` of a manifest: each main figure with its 95 % interval, then the details.

    Every probability behind them comes from a network, a temperature and a threshold that were
    fitted without the picture and without its twins.
    """
    probabilities, members = cross_fitted(scores)
    scored = Scored(scores.labels, probabilities)
    once = np.ones(len(scores.labels))
    main = {**summary(scored, once), **_sets(scores, members, once)}
    spread: dict[str, list[float]] = {name: [] for name in main}
    for weights in group_weights(scores.groups, seed, resamples):
        for name, value in (summary(scored, weights) | _sets(scores, members, weights)).items():
            spread[name].append(value)
    matrix = confusion(scored, once)
    return {
        "method": (
            f"{len(np.unique(scores.folds))} folds, stratified by class and split by group; "
            f"temperature and set threshold of each fold fitted on the other folds; "
            f"95 % intervals by {resamples} bootstrap resamples of groups"
        ),
        "pictures": len(scores.labels),
        "groups": len(np.unique(scores.groups)),
        **{name: _with_interval(value, spread[name]) for name, value in main.items()},
        "folds": _accuracy_of_folds(scores, scored),
        "classes": _classes(matrix),
        "confusion": matrix.astype(int).tolist(),
    }


def group_weights(groups: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """(resamples, N): how often each picture is drawn when whole groups are, with replacement."""
    names, group_of = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    chances = np.full(len(names), 1 / len(names))
    return rng.multinomial(len(names), chances, resamples)[:, group_of].astype(float)


def _sets(scores: OutOfFold, members: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """How often the set holds the true class, and of how many classes it is."""
    hit = members[np.arange(len(members)), scores.labels]
    return {
        f"set{COVERAGE * 100:.0f}_coverage": float(np.average(hit, weights=weights)),
        f"set{COVERAGE * 100:.0f}_size": float(np.average(members.sum(1), weights=weights)),
    }


def _with_interval(value: float, spread: list[float]) -> dict[str, Any]:
    low, high = np.percentile(spread, (2.5, 97.5))
    return {"value": round(value, 4), "interval": [round(float(low), 4), round(float(high), 4)]}


def _accuracy_of_folds(scores: OutOfFold, scored: Scored) -> list[float]:
    right = scored.predicted == scored.labels
    return [round(float(right[scores.folds == fold].mean()), 4) for fold in np.unique(scores.folds)]


def _classes(matrix: np.ndarray) -> dict[str, dict[str, float]]:
    columns = zip(CLASSES, *per_class(matrix), matrix.sum(1), strict=True)
    return {
        name: {
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "f1": round(float(f1), 4),
            "pictures": int(pictures),
        }
        for name, precision, recall, f1, pictures in columns
    }
