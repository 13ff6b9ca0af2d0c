"""What a run trains: the outer folds of each repeat, the shipped split, the network to release."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.data import Dataset, grouped_folds
from training.material import Material

FINAL, SHIPPED = "final", "shipped"


@dataclass(frozen=True)
class Part:
    """One network to train. Each is (N,) bool over its data set: ``learn`` and ``held`` of the types,
    ``bones`` and ``foreign`` those that are held out of the two further heads.
    """

    name: str
    learn: np.ndarray
    held: np.ndarray
    bones: np.ndarray
    foreign: np.ndarray


def parts(config: Config, material: Material) -> Iterator[Part]:
    """Folds are split by group in each of the three data sets; a group that is in two lies in one fold."""
    types, bones, foreign = material.types, material.bones, material.foreign
    none, nobody = np.zeros(len(bones), bool), np.zeros(len(foreign), bool)
    for repeat in range(config.repeats):
        seed = config.seed + repeat
        fold_of, fold_of_bones, fold_of_foreign = (
            grouped_folds(each.labels, each.groups, config.folds, seed)
            for each in (types, bones, foreign)
        )
        for fold in range(config.folds):
            here = fold_of == fold
            bones_here = np.where(_of(bones, types), _of(bones, types, here), fold_of_bones == fold)
            yield Part(
                f"repeat-{repeat}-fold-{fold}",
                ~here & types.teaches,
                here & types.usable,
                bones_here,
                fold_of_foreign == fold,
            )
    split = np.array([row.split for row in types.rows])
    if (split == "Test").any():
        held = split == "Test"
        learn = (split == "Train") & types.teaches
        yield Part(SHIPPED, learn, held, _of(bones, types, held), nobody)
    yield Part(FINAL, types.teaches, np.zeros(len(types), bool), none, nobody)


def _of(bones: Dataset, types: Dataset, keep: np.ndarray | None = None) -> np.ndarray:
    """(N,) bool: which of ``bones`` lie in a group of ``types``, or of those of it that are kept."""
    return np.isin(bones.groups, types.groups if keep is None else types.groups[keep])
