"""Labelled pictures in memory, and the folds that they are split into."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from classifier.preprocess import Preprocessing, stored
from classifier.radiograph import RefusedFile, read_radiograph
from training.errors import TrainingError


@dataclass(frozen=True)
class Row:
    """One picture of a data set.

    ``label``: index of the data set's class. ``also``: further classes of the same radiograph. ``group``: the
    same for twins and for panels of one figure. ``split``: "Train", "Test" or "", as shipped. ``leaked``: it
    lies in the shipped Test split and has a twin in Train. ``trainable``: it may be trained on. ``usable``:
    it is measured on; this holds for one picture of each radiograph. ``conflict``: its radiograph is filed
    under several classes. ``label_set``: all of these classes, on the one picture that stands for its
    radiograph. ``size``: width and height of the file in pixels, known once it is read.
    """

    path: Path
    label: int
    sha256: str
    group: str
    split: str = ""
    leaked: bool = False
    usable: bool = True
    also: tuple[int, ...] = ()
    conflict: bool = False
    size: tuple[int, int] = (0, 0)
    trainable: bool = True
    label_set: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """``pixels`` (N, S, S) uint8, letterboxed and windowed; ``rows`` (N,) describe them."""

    rows: list[Row]
    pixels: np.ndarray
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def labels(self) -> np.ndarray:
        return np.array([row.label for row in self.rows], int)

    @property
    def groups(self) -> np.ndarray:
        return np.array([row.group for row in self.rows])

    @property
    def targets(self) -> np.ndarray:
        """(N, classes) float32: 1 for each class of the picture's radiograph, else 0."""
        out = np.zeros((len(self.rows), len(self.classes)), np.float32)
        for index, row in enumerate(self.rows):
            out[index, [row.label, *row.also]] = 1
        return out

    @property
    def label_sets(self) -> np.ndarray:
        """(N, classes) bool: the ``label_set`` of each picture; all False if it has none."""
        out = np.zeros((len(self.rows), len(self.classes)), bool)
        for index, row in enumerate(self.rows):
            out[index, list(row.label_set)] = True
        return out

    @property
    def sha256(self) -> str:
        """The hash of all rows in any order: each picture's hash, class, group, split and use."""
        lines = sorted(
            f"{row.sha256} {self.classes[row.label]} {row.also} {row.group} {row.split} "
            f"{row.trainable:d} {row.usable:d}"
            for row in self.rows
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def trainable(self) -> np.ndarray:
        return np.array([row.trainable for row in self.rows], bool)

    @property
    def usable(self) -> np.ndarray:
        return np.array([row.usable for row in self.rows], bool)

    def where(self, keep: np.ndarray) -> "Dataset":
        """The pictures that the mask ``keep`` (N,) chooses."""
        return Dataset(
            [row for row, kept in zip(self.rows, keep, strict=True) if kept],
            self.pixels[keep],
            self.classes,
        )


def load(
    rows: list[Row],
    classes: tuple[str, ...],
    size: int,
    warn: Callable[[str], None],
    progress: bool = True,
) -> Dataset:
    """Decodes and letterboxes every picture. One that can't be read is reported and left out."""
    spec = Preprocessing(size=size)
    kept, pixels = [], []
    bar: Iterable[Row] = tqdm(rows, desc="reading", unit="picture", disable=not progress)
    for row in bar:
        try:
            radiograph = read_radiograph(row.path.read_bytes(), row.path.name)
        except RefusedFile as error:
            warn(f"left out: {error}")
            continue
        except OSError as error:
            warn(f"left out: {row.path}: {error.strerror}.")
            continue
        height, width = radiograph.pixels.shape
        kept.append(replace(row, size=(width, height)))
        pixels.append(stored(radiograph.pixels, spec))
    if not kept:
        raise TrainingError("None of the pictures can be read.")
    return Dataset(kept, np.stack(pixels), classes)


def grouped_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """(N,) int: the fold of each picture. Folds are stratified by class, and no group is in two folds."""
    fold_of = np.full(len(labels), -1)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    try:
        for fold, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
            fold_of[held_out] = fold
    except ValueError:
        raise TrainingError(f"A class has too few groups for {folds} folds.") from None
    return fold_of


def picture_columns(dataset: Dataset, keep: np.ndarray) -> dict[str, np.ndarray]:
    """The columns that identify scored pictures; ``evaluation.classifier_scores`` describes them."""
    rows = [row for row, kept in zip(dataset.rows, keep, strict=True) if kept]
    return {
        "ids": np.array([row.sha256[:16] for row in rows], "U16"),
        "groups": np.array([row.group for row in rows], str),
        "labels": np.array([row.label for row in rows], int),
        "leaked": np.array([row.leaked for row in rows], bool),
        "sizes": np.array([row.size for row in rows], int).reshape(-1, 2),
    }
