"""What a run trains: the outer folds of each repeat, the shipped split, the network to release."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.data import grouped_folds
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
    """Folds are split by group in each of the three data sets."""
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
            yield Part(
                f"repeat-{repeat}-fold-{fold}",
                ~here & types.teaches,
                here & types.usable,
                fold_of_bones == fold,
                fold_of_foreign == fold,
            )
    split = np.array([row.split for row in types.rows])
    if (split == "Test").any():
        yield Part(SHIPPED, (split == "Train") & types.teaches, split == "Test", none, nobody)
    yield Part(FINAL, types.teaches, np.zeros(len(types), bool), none, nobody)
