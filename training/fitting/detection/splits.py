"""What a run trains detectors for: the folds, each of two collections left out whole, the one to release."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.datasets.collections import FRACATLAS, MULTI_REGION
from training.datasets.dataset import grouped_folds
from training.datasets.detector_pictures import Pictures

PREFIX, FOLD_PREFIX = "detector-", "repeat-"
DETECTOR_SPLITS = "detector-parts.json"  # the names of all that a run trains
WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION = "without-fracatlas", "without-multi-region"
FINAL = f"{PREFIX}final"


@dataclass(frozen=True)
class DetectorSplit:
    """One detector to train. ``train``, ``test`` (N,) bool: what it learns from, what it is measured on."""

    name: str
    train: np.ndarray
    test: np.ndarray


def detector_split_names(config: Config) -> list[str]:
    """All that a run may train; a collection that no other is beside is not left out."""
    folds = [f"{PREFIX}{FOLD_PREFIX}0-fold-{fold}" for fold in range(config.folds)]
    left_out = [f"{PREFIX}{name}" for name in (WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION)]
    return [*folds, *left_out, FINAL]


def detector_splits(config: Config, pictures: Pictures) -> Iterator[DetectorSplit]:
    """Folds are split by group, each with its share of every collection's broken and healthy pictures.

    A collection that is left out takes along what shares a group with it: a twin elsewhere would tell.
    """
    groups, collections = pictures.groups, pictures.collections
    fold_of = grouped_folds(_strata(pictures), groups, config.folds, config.seed)
    for fold in range(config.folds):
        test = fold_of == fold
        yield DetectorSplit(f"{PREFIX}repeat-0-fold-{fold}", ~test, test)
    for name in (FRACATLAS, MULTI_REGION):
        test = collections == name
        if test.any() and not test.all():
            train = ~np.isin(groups, groups[test])
            yield DetectorSplit(f"{PREFIX}without-{name}", train, test)
    nothing = np.zeros(len(pictures), bool)
    yield DetectorSplit(FINAL, ~nothing, nothing)


def _strata(pictures: Pictures) -> np.ndarray:
    """(N,) int: one number for each collection's broken and for its healthy pictures."""
    names = [f"{row.collection} {row.fractured}" for row in pictures.rows]
    found: np.ndarray = np.unique(names, return_inverse=True)[1]
    return found
