"""Held-out scores of radiographs that are filed under several of the ten types.

Nobody knows which of their types is right. They have a table of their own, so that the figures of the ten
types count only radiographs with one type.
"""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np

from classifier.labels import CLASSES
from training.evaluation.rounding import rounded, written
from training.storage.files import read_arrays

FILE = "scores_conflicts.csv"
_SCORES = tuple(f"type_{name}" for name in CLASSES)


@dataclass(frozen=True)
class Conflicts:
    """N scored pictures, one of each radiograph. A picture occurs once in each repeat.

    ``ids`` (N,): the first 16 digits of each picture's SHA-256. ``labels`` (N, 10) bool: all types that its
    radiograph is filed under. ``logits`` (N, 10): raw scores of a network that was not trained on its group.
    """

    ids: np.ndarray
    groups: np.ndarray
    repeats: np.ndarray
    folds: np.ndarray
    labels: np.ndarray
    logits: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> Self:
        text, integers, wide = np.array([], "U16"), np.array([], int), (0, len(CLASSES))
        return cls(text, text, integers, integers, np.zeros(wide, bool), np.zeros(wide))

    @classmethod
    def of_folds(cls, folds: list[tuple[Path, int, int]]) -> Self:
        """Joins what the folds left in their files (path, repeat, fold).

        Empty if one fold has no such scores. It is then older than they are, and the radiographs of the other
        folds would be a sample that nobody chose.
        """
        found = []
        for path, repeat, fold in folds:
            arrays = read_arrays(path)
            if "conflicts_ids" not in arrays:
                return cls.none()
            count = len(arrays["conflicts_ids"])
            columns = {name: rounded(arrays[f"conflicts_{name}"]) for name in _OF_PART}
            columns |= {"repeats": np.full(count, repeat), "folds": np.full(count, fold)}
            found.append(columns)
        return cls(
            **{
                column.name: np.concatenate([columns[column.name] for columns in found])
                for column in fields(cls)
            }
        )

    def write(self, folder: Path) -> None:
        with (folder / FILE).open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", "group", "repeat", "fold", "labels", *_SCORES])
            rows = zip(*(getattr(self, column.name) for column in fields(self)), strict=True)
            for picture, group, repeat, fold, labels, logits in rows:
                names = " ".join(CLASSES[label] for label in np.flatnonzero(labels))
                writer.writerow([picture, group, repeat, fold, names, *map(written, logits)])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads the table that ``write`` wrote; empty if there is no file.

        Raises ValueError, KeyError or TypeError if it is damaged.
        """
        if not path.is_file():
            return cls.none()
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            raise ValueError("no rows")  # an empty table is not written
        labels = np.zeros((len(rows), len(CLASSES)), bool)
        for at, row in enumerate(rows):
            labels[at, [CLASSES.index(name) for name in row["labels"].split()]] = True
        if (labels.sum(1) < 2).any():
            raise ValueError("a radiograph of one type is not a conflict")
        return cls(
            np.array([row["id"] for row in rows]),
            np.array([row["group"] for row in rows]),
            np.array([int(row["repeat"]) for row in rows]),
            np.array([int(row["fold"]) for row in rows]),
            labels,
            np.array([[float(row[name]) for name in _SCORES] for row in rows]),
        )


_OF_PART = ("ids", "groups", "labels", "logits")
