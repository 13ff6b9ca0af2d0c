"""The labelled radiographs: a folder of class subfolders with a manifest that groups twins."""

import csv
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from classifier.labels import CLASSES
from classifier.preprocess import Preprocessing, letterboxed
from classifier.radiograph import RefusedFile, read_radiograph
from training.errors import TrainingError

MANIFEST_COLUMNS = {"path", "class", "split", "sha256", "group_id", "label_conflict", "dedup_keep"}


@dataclass(frozen=True)
class Row:
    """One picture of the manifest. ``group`` joins twins and panels of one figure."""

    path: Path
    label: int
    split: str
    sha256: str
    group: str
    leaked: bool


@dataclass(frozen=True)
class Dataset:
    """Pictures in memory: ``pixels`` (N, S, S) uint8, letterboxed, windowed; ``rows`` beside them."""

    rows: list[Row]
    pixels: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        return np.array([row.label for row in self.rows])

    @property
    def groups(self) -> np.ndarray:
        return np.array([row.group for row in self.rows])

    @property
    def sha256(self) -> str:
        """Of the sorted pictures' hashes and labels: names exactly what was trained on."""
        lines = sorted(f"{row.sha256} {CLASSES[row.label]}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def label_of(folder: str) -> int:
    """ "Fracture Dislocation" and "Avulsion fracture" → the class's index. Raises TrainingError."""
    name = folder.strip().lower().replace("-", " ")
    if name != "fracture dislocation":
        name = name.removesuffix(" fracture")
    name = name.replace(" ", "_")
    if name not in CLASSES:
        raise TrainingError(f"The folder {folder!r} is none of the ten classes.")
    return CLASSES.index(name)


def read_rows(folder: Path) -> list[Row]:
    """The manifest's rows, one a distinct picture, without those whose twins bear another label."""
    path = folder / "manifest.csv"
    if not folder.is_dir():
        raise TrainingError(f"There is no data folder {folder}.")
    if not path.is_file():
        raise TrainingError(f"{folder} has no manifest.csv, which says what pictures are twins.")
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        missing = MANIFEST_COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise TrainingError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
        kept = [row for row in reader if row["label_conflict"] == "0" and row["dedup_keep"] == "1"]
    rows = [
        Row(
            folder / each["path"],
            label_of(each["class"]),
            each["split"],
            each["sha256"],
            each["group_id"],
            each.get("test_leaked") == "1",
        )
        for each in kept
    ]
    _check_classes(rows, folder)
    return rows


def _check_classes(rows: list[Row], folder: Path) -> None:
    empty = set(range(len(CLASSES))) - {row.label for row in rows}
    if empty:
        names = ", ".join(CLASSES[index] for index in sorted(empty))
        raise TrainingError(f"{folder} has no usable picture of: {names}.")


def load(rows: list[Row], size: int, warn: Callable[[str], None], progress: bool = True) -> Dataset:
    """Decodes and letterboxes every picture. One that can't be read is named and left out."""
    spec = Preprocessing(size=size)
    kept, pixels = [], []
    bar: Iterable[Row] = tqdm(rows, desc="reading", unit="picture", disable=not progress)
    for row in bar:
        try:
            radiograph = read_radiograph(row.path.read_bytes(), row.path.name)
        except (RefusedFile, OSError) as error:
            warn(f"left out: {error}")
            continue
        kept.append(row)
        pixels.append(np.round(letterboxed(radiograph.pixels, spec) * 255).astype(np.uint8))
    return Dataset(kept, np.stack(pixels))


def grouped_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The outer fold of each picture: stratified by class, and no group in two folds."""
    fold_of = np.full(len(labels), -1)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for fold, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
        fold_of[held_out] = fold
    return fold_of
