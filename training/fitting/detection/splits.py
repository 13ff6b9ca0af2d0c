"""What a run trains detectors for: the folds, each of two collections left out whole, the one to release."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.datasets.collections import FRACATLAS, MULTI_REGION
from training.datasets.dataset import grouped_folds
from training.datasets.detector_pictures import Pictures

PREFIX, FOLD_PARTS = "detector-", "repeat-"
DETECTOR_PARTS = "detector-parts.json"  # the names of all that a run trains
WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION = "without-fracatlas", "without-multi-region"
FINAL = f"{PREFIX}final"


@dataclass(frozen=True)
class DetectorPart:
    """One detector to train. ``learn``, ``held`` (N,) bool: what it learns from, what it is measured on."""

    name: str
    learn: np.ndarray
    held: np.ndarray


def detector_part_names(config: Config) -> list[str]:
    """All that a run may train; a collection that no other is beside is not left out."""
    folds = [f"{PREFIX}{FOLD_PARTS}0-fold-{fold}" for fold in range(config.folds)]
    left_out = [f"{PREFIX}{name}" for name in (WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION)]
    return [*folds, *left_out, FINAL]


def detector_parts(config: Config, pictures: Pictures) -> Iterator[DetectorPart]:
    """Folds are split by group, each with its share of every collection's broken and healthy pictures.

    A collection that is left out takes along what shares a group with it: a twin elsewhere would tell.
    """
    groups, collections = pictures.groups, pictures.collections
    fold_of = grouped_folds(_strata(pictures), groups, config.folds, config.seed)
    for fold in range(config.folds):
        held = fold_of == fold
        yield DetectorPart(f"{PREFIX}repeat-0-fold-{fold}", ~held, held)
    for name in (FRACATLAS, MULTI_REGION):
        held = collections == name
        if held.any() and not held.all():
            learn = ~np.isin(groups, groups[held])
            yield DetectorPart(f"{PREFIX}without-{name}", learn, held)
    nothing = np.zeros(len(pictures), bool)
    yield DetectorPart(FINAL, ~nothing, nothing)


def _strata(pictures: Pictures) -> np.ndarray:
    """(N,) int: one number for each collection's broken and for its healthy pictures."""
    names = [f"{row.collection} {row.fractured}" for row in pictures.rows]
    found: np.ndarray = np.unique(names, return_inverse=True)[1]
    return found
