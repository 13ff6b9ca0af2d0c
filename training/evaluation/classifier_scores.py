"""Held-out scores of one data set, and the table that a release keeps of them.

A score is held out if neither the network nor its head was trained on the picture or its group.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from training.evaluation.rounding import rounded, written


@dataclass(frozen=True)
class ClassifierScores:
    """The raw scores of N held-out pictures of one data set. A picture occurs once in each repeat.

    ``ids`` (N,): the first 16 digits of each picture's SHA-256. ``labels`` (N,): indexes of the data set's
    classes. ``leaked`` (N,) bool: in the shipped Test split, with a twin in Train. ``sizes`` (N, 2): width
    and height of the file in pixels. Raw scores: ``logits`` (N, 10) of the types, ``kinds`` (N, K),
    ``fracture`` (N,); an array is empty if the data set has no such score.
    """

    ids: np.ndarray
    groups: np.ndarray
    repeats: np.ndarray
    folds: np.ndarray
    labels: np.ndarray
    leaked: np.ndarray
    sizes: np.ndarray
    logits: np.ndarray
    kinds: np.ndarray
    fracture: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> Self:
        text, integers = np.array([], "U16"), np.array([], int)
        return cls(
            text,
            text,
            integers,
            integers,
            integers,
            np.array([], bool),
            np.zeros((0, 2), int),
            np.zeros((0, len(CLASSES))),
            np.zeros((0, len(KINDS))),
            np.array([]),
        )

    def where(self, keep: np.ndarray) -> "ClassifierScores":
        """The pictures that the mask ``keep`` (N,) chooses."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        chosen = {name: column[keep] if len(column) else column for name, column in columns.items()}
        return replace(self, **chosen)

    @property
    def fold_masks(self) -> Iterator[np.ndarray]:
        """A mask (N,) for each fold of each repeat."""
        for repeat in np.unique(self.repeats):
            for fold in np.unique(self.folds[self.repeats == repeat]):
                yield (self.repeats == repeat) & (self.folds == fold)

    def other_folds(self, fold: np.ndarray) -> np.ndarray:
        """The mask of the same repeat's other folds: numbers fitted on them have not seen this fold."""
        if not fold.any():
            return ~fold
        return (self.repeats == self.repeats[fold][0]) & ~fold

    @classmethod
    def joined(cls, parts: "list[ClassifierScores]") -> Self:
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )

    @classmethod
    def of_arrays(cls, name: str, arrays: dict[str, np.ndarray]) -> Self:
        """The arrays whose names begin with ``name``; no scores if there are none."""
        columns = {
            key.removeprefix(f"{name}_"): rounded(array)
            for key, array in arrays.items()
            if key.startswith(f"{name}_")
        }
        return replace(cls.none(), **columns)


def write_scores(scores: ClassifierScores, path: Path, classes: tuple[str, ...]) -> None:
    """``classes``: the names of the labels of this data set."""
    columns: dict[str, Any] = {
        "id": scores.ids,
        "group": scores.groups,
        "repeat": scores.repeats,
        "fold": scores.folds,
        "label": [classes[label] for label in scores.labels],
        "leaked": scores.leaked.astype(int),
        "width": scores.sizes[:, 0],
        "height": scores.sizes[:, 1],
    }
    for prefix, names, values in (
        ("type", CLASSES, scores.logits),
        ("kind", KINDS, scores.kinds),
        ("", ("fracture",), scores.fracture[:, None]),
    ):
        for index, name in enumerate(names if len(values) else ()):
            columns[f"{prefix}_{name}" if prefix else name] = list(map(written, values[:, index]))
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def read_scores(path: Path, classes: tuple[str, ...]) -> ClassifierScores:
    """The table that ``write_scores`` wrote; no scores if there is no file.

    Raises ValueError, KeyError or TypeError if it is damaged.
    """
    if not path.is_file():
        return ClassifierScores.none()
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError("no rows")  # an empty table is not written

    def numbers(names: list[str]) -> np.ndarray:
        there = [name for name in names if name in rows[0]]
        return np.array([[float(row[name]) for name in there] for row in rows if there])

    def column(name: str) -> list[str]:
        return [row[name] for row in rows]

    fracture = numbers(["fracture"])
    return replace(
        ClassifierScores.none(),
        ids=np.array(column("id")),
        groups=np.array(column("group")),
        repeats=np.array(column("repeat"), int),
        folds=np.array(column("fold"), int),
        labels=np.array([classes.index(name) for name in column("label")]),
        leaked=np.array(column("leaked"), int).astype(bool),
        sizes=np.array([column("width"), column("height")], int).T,
        logits=numbers([f"type_{name}" for name in CLASSES]),
        kinds=numbers([f"kind_{name}" for name in KINDS]),
        fracture=fracture[:, 0] if len(fracture) else fracture,
    )
