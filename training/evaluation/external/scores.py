"""What a finished release said of every picture of an external collection."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from training.datasets.bones import STATES
from training.datasets.external_collection import MARKS
from training.evaluation.rounding import written

FILE = "scores_elsewhere.csv"
CALLED = ("positive", "doubt", "negative")
CALLS = (*CALLED, "not_assessable", "unread")
_COLUMNS = ("id", "collection", "group", "label", "width", "height", "call", "log_odds")


@dataclass(frozen=True)
class ExternalScores:
    """N pictures of one ``collection``, readable or not.

    ``ids`` (N,): the first 16 digits of each file's SHA-256. ``groups`` (N,): pictures that may be of one
    patient. ``labels`` (N,): index of ``STATES``. ``sizes`` (N, 2): width and height in pixels, 0 for an
    unread file. ``calls`` (N,): of ``CALLS``. ``log_odds`` (N,): of the release's probability of a fracture,
    which a picture that is not assessable also has; NaN for an unread file. ``marks``: name → (N,) bool.
    """

    collection: str
    ids: np.ndarray
    groups: np.ndarray
    labels: np.ndarray
    sizes: np.ndarray
    calls: np.ndarray
    log_odds: np.ndarray
    marks: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> Self:
        text, integers = np.array([], "U16"), np.array([], int)
        return cls("", text, text, integers, np.zeros((0, 2), int), text, np.array([]), {})

    def where(self, keep: np.ndarray) -> Self:
        """The pictures that the mask ``keep`` (N,) chooses."""
        return type(self)(
            self.collection,
            self.ids[keep],
            self.groups[keep],
            self.labels[keep],
            self.sizes[keep],
            self.calls[keep],
            self.log_odds[keep],
            {name: marked[keep] for name, marked in self.marks.items()},
        )

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The number of pictures and groups, and the hash of the pictures with their labels."""
        lines = sorted(
            f"{name} {STATES[label]} {group}"
            for name, label, group in zip(self.ids, self.labels, self.groups, strict=True)
        )
        return {
            "collection": self.collection,
            "pictures": len(self),
            "groups": len(np.unique(self.groups)),
            "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        }

    def write(self, folder: Path) -> None:
        """Writes ``scores_elsewhere.csv``. It names no file and contains no picture."""
        with (folder / FILE).open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*_COLUMNS, *self.marks])
            for index in range(len(self)):
                read = self.calls[index] != "unread"
                writer.writerow(
                    [
                        self.ids[index],
                        self.collection,
                        self.groups[index],
                        STATES[self.labels[index]],
                        *self.sizes[index],
                        self.calls[index],
                        written(self.log_odds[index]) if read else "",
                        *(int(marked[index]) for marked in self.marks.values()),
                    ]
                )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads the table that ``write`` wrote; empty if there is no file."""
        if not path.is_file():
            return cls.none()
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        calls = np.array([row["call"] for row in rows])
        if not rows or not set(calls) <= set(CALLS):
            raise ValueError("no rows, or a call that is none of the five")
        return cls(
            rows[0]["collection"],
            np.array([row["id"] for row in rows]),
            np.array([row["group"] for row in rows]),
            np.array([STATES.index(row["label"]) for row in rows]),
            np.array([[row["width"], row["height"]] for row in rows], int),
            calls,
            np.array([float(row["log_odds"] or "nan") for row in rows]),
            {
                name: np.array([row[name] == "1" for row in rows])
                for name in MARKS
                if name in rows[0]
            },
        )
