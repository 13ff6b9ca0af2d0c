"""The splits of the detector: the folds, each of two collections left out, the network to release."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.datasets.collections import FRACATLAS, MULTI_REGION
from training.datasets.dataset import grouped_folds
from training.datasets.detector_pictures import Pictures

PREFIX, FOLD_PREFIX = "detector-", "repeat-"
DETECTOR_SPLITS = "detector-parts.json"  # the file with the names of all splits of a run
WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION = "without-fracatlas", "without-multi-region"
FINAL = f"{PREFIX}final"


@dataclass(frozen=True)
class DetectorSplit:
    """One detector to train: the boolean masks ``train`` and ``test`` (N,) over the pictures."""

    name: str
    train: np.ndarray
    test: np.ndarray


def detector_split_names(config: Config) -> list[str]:
    """The names of all splits that a run may have. If a collection is the only one, it is not left out."""
    folds = [f"{PREFIX}{FOLD_PREFIX}0-fold-{fold}" for fold in range(config.folds)]
    left_out = [f"{PREFIX}{name}" for name in (WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION)]
    return [*folds, *left_out, FINAL]


def detector_splits(config: Config, pictures: Pictures) -> Iterator[DetectorSplit]:
    """Yields the splits. Folds are split by group, stratified by collection and state.

    If a collection is left out, the pictures of other collections that share a group with it are left out
    too: a twin would give the answer away.
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
    """(N,) int: one number for the fractured and one for the healthy pictures of each collection."""
    names = [f"{row.collection} {row.fractured}" for row in pictures.rows]
    found: np.ndarray = np.unique(names, return_inverse=True)[1]
    return found
