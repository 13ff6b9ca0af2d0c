"""The most frequent mistakes of a confusion matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.labels import CLASSES


@dataclass(frozen=True)
class Mistake:
    """``true`` was taken for ``predicted``.

    ``pictures``: their number, as the mean of the repeats. ``share``: of the true class, with its 95 %
    interval.
    """

    true: str
    predicted: str
    pictures: float
    share: dict[str, Any]


def commonest(types: dict[str, Any], most: int) -> list[Mistake]:
    """The ``most`` most frequent mistakes. ``types``: the result of ``training.evaluation.figures.types``."""
    counts = np.array(types["confusion"])
    wrong = counts * ~np.eye(len(CLASSES), dtype=bool)
    cells = np.argsort(-wrong, axis=None, kind="stable")[: min(most, np.count_nonzero(wrong))]
    return [
        Mistake(
            CLASSES[true].replace("_", " "),
            CLASSES[predicted].replace("_", " "),
            float(wrong[true, predicted]),
            _share(types, true, predicted),
        )
        for true, predicted in zip(*np.unravel_index(cells, wrong.shape), strict=True)
    ]


def _share(types: dict[str, Any], true: int, predicted: int) -> dict[str, Any]:
    row = types["confusion"][true]
    bounds = types["confusion_intervals"]
    return {
        "value": row[predicted] / sum(row),
        "interval": [bounds[end][true][predicted] for end in ("low", "high")],
    }
