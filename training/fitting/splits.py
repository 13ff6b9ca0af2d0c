"""The splits of a run: the outer folds of each repeat, the shipped split, the network to release."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from training.config import Config
from training.datasets.dataset import Dataset, grouped_folds
from training.datasets.training_data import TrainingData

FINAL, SHIPPED = "final", "shipped"
SPLITS = "parts.json"  # the file with their names, in a run's folder


@dataclass(frozen=True)
class Split:
    """One ensemble to train: boolean masks over the data sets of a run.

    ``train``, ``test`` (N,): of the ten types. ``bones_train``, ``bones_test``, ``non_radiographs_train``,
    ``non_radiographs_test``: the same of the other two data sets. ``conflicts_test`` (N,): the pictures of
    the types whose radiographs have several types, and which are scored apart.
    """

    name: str
    train: np.ndarray
    test: np.ndarray
    bones_train: np.ndarray
    bones_test: np.ndarray
    non_radiographs_train: np.ndarray
    non_radiographs_test: np.ndarray
    conflicts_test: np.ndarray


def split_names(config: Config) -> list[str]:
    """The names of all splits that a run may have. Data without a shipped split has no such split."""
    pairs = product(range(config.repeats), range(config.folds))
    return [*(f"repeat-{repeat}-fold-{fold}" for repeat, fold in pairs), SHIPPED, FINAL]


def splits(config: Config, data: TrainingData) -> Iterator[Split]:
    """Yields the splits. Each data set is split by group; a group of both types and bones is in one fold.

    Non-radiographs are split by themselves. A CT slice and a radiograph of one figure may be in different
    folds, because they have different labels: knowing one doesn't help with the other.
    """
    types, bones, non_radiographs = data.types, data.bones, data.non_radiographs
    no_types, no_bones, no_others = (
        np.zeros(len(dataset), bool) for dataset in (types, bones, non_radiographs)
    )
    conflicts = types.label_sets.any(1)
    for repeat in range(config.repeats):
        seed = config.seed + repeat
        fold_of, fold_of_bones, fold_of_others = (
            grouped_folds(dataset.labels, dataset.groups, config.folds, seed)
            for dataset in (types, bones, non_radiographs)
        )
        for fold in range(config.folds):
            here = fold_of == fold
            bones_here = np.where(_of(bones, types), _of(bones, types, here), fold_of_bones == fold)
            others_here = fold_of_others == fold
            yield Split(
                f"repeat-{repeat}-fold-{fold}",
                ~here & types.trainable,
                here & types.usable,
                ~bones_here & bones.trainable,
                bones_here & bones.usable,
                ~others_here & non_radiographs.trainable,
                others_here & non_radiographs.usable,
                here & conflicts,
            )
    split = np.array([row.split for row in types.rows])
    if (split == "Test").any():
        test = split == "Test"
        train = (split == "Train") & types.trainable
        bones_train = ~_of(bones, types, test) & bones.trainable
        learns = (bones_train, no_bones, non_radiographs.trainable, no_others)
        yield Split(SHIPPED, train, test, *learns, no_types)
    others = (bones.trainable, no_bones, non_radiographs.trainable, no_others)
    yield Split(FINAL, types.trainable, no_types, *others, no_types)


def _of(bones: Dataset, types: Dataset, keep: np.ndarray | None = None) -> np.ndarray:
    """(N,) bool: the pictures of ``bones`` in a group of ``types``, or of the pictures of it that are
    kept.
    """
    return np.isin(bones.groups, types.groups if keep is None else types.groups[keep])
