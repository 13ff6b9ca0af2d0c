"""The deletion test: the top class's probability when parts of the picture are hidden."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from training.evaluation.rounding import rounded, written
from training.storage.files import read_arrays

FILE = "scores_deletion.csv"


@dataclass(frozen=True)
class Deletion:
    """The test of m held-out pictures with k steps.

    ``ids``, ``groups`` (m,). ``by_map``, ``by_chance`` (m, k): the top class's probability after each share
    of ``SHARES`` is hidden, in the map's order and in a random order.
    """

    ids: np.ndarray
    groups: np.ndarray
    by_map: np.ndarray
    by_chance: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> Self:
        return cls(np.array([], "U16"), np.array([], "U16"), np.zeros((0, 0)), np.zeros((0, 0)))

    @classmethod
    def of_splits(cls, paths: list[Path]) -> Self:
        """Joins what ``training.fitting.explain`` left in the splits of a run; not all splits have it."""
        found: list[dict[str, np.ndarray]] = []
        for path in paths:
            arrays = read_arrays(path)
            if "deletion_ids" in arrays:
                found.append({name: rounded(arrays[f"deletion_{name}"]) for name in _FIELDS})
        if not found:
            return cls.none()
        return cls(
            **{name: np.concatenate([columns[name] for columns in found]) for name in _FIELDS}
        )

    def write(self, folder: Path) -> None:
        curves = np.concatenate([self.by_map, self.by_chance], 1)
        with (folder / FILE).open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", "group", *_columns(self.by_map.shape[1])])
            for name, group, row in zip(self.ids, self.groups, curves, strict=True):
                writer.writerow([name, group, *map(written, row)])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads the table that ``write`` wrote; empty if there is no file."""
        if not path.is_file():
            return cls.none()
        with path.open(newline="") as file:
            _, *rows = csv.reader(file)
        curves = np.array([row[2:] for row in rows], float)
        by_map, by_chance = np.split(curves, 2, axis=1)
        names = np.array([row[:2] for row in rows])
        return cls(names[:, 0], names[:, 1], by_map, by_chance)


_FIELDS = ("ids", "groups", "by_map", "by_chance")


def _columns(steps: int) -> list[str]:
    return [f"by_{order}_{step}" for order in ("map", "chance") for step in range(steps)]
