"""Why some publications report 85 % and more for such data: twins on both sides of a split, no training at
all.

The nearest picture by the frozen ImageNet features gives the class. With one augmented copy of each picture
and a random split, the nearest picture is mostly the copy. With whole groups on one side, the same rule would
have to recognise fractures.
"""

from dataclasses import dataclass

import numpy as np

from training.audit.groups import Entry

FOLDS = 10
_RESAMPLES = 1000


@dataclass(frozen=True)
class Accuracy:
    """``value`` and its 95 % interval, 0..1, for ``pictures`` pictures. ``name`` is for programs."""

    name: str
    title: str
    value: float
    low: float
    high: float
    pictures: int


def leak_experiment(entries: list[Entry], seed: int) -> list[Accuracy]:
    """Accuracy of the nearest neighbour with each split; empty if there are too few pictures."""
    labels = np.array([entry.trait.picture.label for entry in entries])
    groups = np.array([entry.group for entry in entries])
    if len(set(groups)) < 2 * FOLDS or len(set(labels)) < 2:
        return []
    features = np.stack([entry.trait.plain for entry in entries]).astype(np.float32)
    copies = np.stack([entry.trait.copy for entry in entries]).astype(np.float32)
    both = _unit(np.concatenate([features, copies]))
    _, place = np.unique(labels, return_inverse=True)
    twice, own = np.tile(place, 2), np.tile(groups, 2)
    rng = np.random.default_rng(seed)
    random_once = rng.permutation(len(entries)) % FOLDS
    random_twice = rng.permutation(2 * len(entries)) % FOLDS
    by_group = np.tile(_folds_of_groups(groups, rng), 2)
    once = both[: len(entries)]
    runs = [
        ("leaky", "a copy of each, split at random", both, twice, own, random_twice),
        ("random", "no copies, split at random", once, place, groups, random_once),
        ("grouped", "a copy of each, split by group", both, twice, own, by_group),
    ]
    accuracies = [
        _accuracy(name, title, hits(x, y, folds), group, seed)
        for name, title, x, y, group, folds in runs
    ]
    return [*accuracies, _majority(place, groups, seed)]


def hits(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """(N,) bool: the nearest picture of the other folds has the same class.

    ``features`` (N, D) of unit length; the nearest one has the largest inner product.
    """
    right = np.zeros(len(labels), bool)
    for fold in np.unique(folds):
        here = folds == fold
        near = (features[here] @ features[~here].T).argmax(1)
        right[here] = labels[~here][near] == labels[here]
    return right


def _folds_of_groups(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N,): folds of whole groups, with the same number of groups in each fold."""
    names, group_of = np.unique(groups, return_inverse=True)
    return np.asarray((rng.permutation(len(names)) % FOLDS)[group_of])


def _unit(features: np.ndarray) -> np.ndarray:
    centred = features - features.mean(0)
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True).clip(1e-6))


def _majority(labels: np.ndarray, groups: np.ndarray, seed: int) -> Accuracy:
    right = labels == np.bincount(labels).argmax()
    return _accuracy("majority", "always the commonest class", right, groups, seed)


def _accuracy(name: str, title: str, right: np.ndarray, groups: np.ndarray, seed: int) -> Accuracy:
    """The interval is a percentile bootstrap over groups: twins are one piece of evidence."""
    _, group_of = np.unique(groups, return_inverse=True)
    good = np.bincount(group_of, right)
    size = np.bincount(group_of)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), _RESAMPLES)
    low, high = np.percentile((drawn @ good) / (drawn @ size), (2.5, 97.5))
    return Accuracy(name, title, float(right.mean()), float(low), float(high), len(right))
