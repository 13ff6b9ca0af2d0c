"""Out-of-fold scores: what each fold's network said of the pictures that it never saw."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from classifier.labels import CLASSES
from training.data import Dataset
from training.errors import TrainingError

_COLUMNS = ("sha256", "group", "fold", "class", *CLASSES)


@dataclass(frozen=True)
class OutOfFold:
    """One entry a picture: ``logits`` (N, 10), ``labels`` (N,), ``folds`` (N,), ``groups`` (N,)."""

    sha256: np.ndarray
    groups: np.ndarray
    folds: np.ndarray
    labels: np.ndarray
    logits: np.ndarray

    @classmethod
    def of_run(cls, run: Path, dataset: Dataset) -> Self:
        """Joins a finished run's folds. Raises TrainingError: unfinished, or made from other data."""
        known = json.loads(_existing(run / "run.json").read_text())
        if known["data_sha256"] != dataset.sha256:
            raise TrainingError(f"{run} was trained on other pictures than the data folder holds.")
        folds = np.full(len(dataset.rows), -1)
        logits = np.zeros((len(dataset.rows), len(CLASSES)), np.float32)
        for fold in range(known["config"]["folds"]):
            with np.load(_existing(run / f"fold-{fold}.npz")) as part:
                folds[part["rows"]] = fold
                logits[part["rows"]] = part["logits"]
        if (folds < 0).any():
            raise TrainingError(f"{run} holds no score of {(folds < 0).sum()} pictures.")
        hashes = np.array([row.sha256 for row in dataset.rows])
        return cls(hashes, dataset.groups, folds, dataset.labels, logits)

    def write(self, path: Path) -> None:
        """A CSV that anyone can recompute the figures from; six decimals of each logit."""
        with path.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            entries = zip(
                self.sha256, self.groups, self.folds, self.labels, self.logits, strict=True
            )
            for sha256, group, fold, label, logits in entries:
                scores = [f"{score:.6f}" for score in logits]
                writer.writerow([sha256, group, fold, CLASSES[label], *scores])

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` wrote. Raises TrainingError where there is none."""
        with _existing(path).open(newline="") as file:
            rows = list(csv.DictReader(file))
        return cls(
            np.array([row["sha256"] for row in rows]),
            np.array([row["group"] for row in rows]),
            np.array([int(row["fold"]) for row in rows]),
            np.array([CLASSES.index(row["class"]) for row in rows]),
            np.array([[float(row[name]) for name in CLASSES] for row in rows]),
        )


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise TrainingError(f"{path} is not there: the run is unfinished. Run fit again to go on.")
    return path
