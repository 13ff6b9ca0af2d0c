"""A detector's held-out scores as a release may contain them: outcomes, without the place of any box."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from classifier.assessability import KINDS
from training.evaluation.detector.held_out import MARKS
from training.evaluation.detector.outcomes import SIZES
from training.fitting.detection.splits import FOLD_PREFIX


@dataclass(frozen=True)
class Candidates:
    """M candidate boxes. ``pictures`` (M,): rows of their pictures. ``ranks`` (M,): 0 for the best one.

    ``heats`` (M,): raw log-odds at the peak. ``hits`` (M,): index of the true box of the picture that
    contains its centre, or -1; a later candidate of the picture with the same index is a repetition.
    ``overlaps`` (M,): intersection over union with this box. ``sizes`` (M,): index of the box in ``SIZES``,
    or -1.
    """

    pictures: np.ndarray
    ranks: np.ndarray
    heats: np.ndarray
    hits: np.ndarray
    overlaps: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)

    @classmethod
    def none(cls) -> Self:
        integers, number = np.array([], int), np.array([], float)
        return cls(integers, integers, number, integers, number, integers)

    def where(self, keep: np.ndarray) -> Self:
        """The candidates that the mask ``keep`` (M,) chooses."""
        return replace(
            self, **{column.name: getattr(self, column.name)[keep] for column in fields(self)}
        )


@dataclass(frozen=True)
class Altered:
    """K pictures that were scored again after each of A changes.

    ``pictures`` (K,): their rows. ``names``: of the changes. ``fracture`` (A, K): raw log-odds after each.
    """

    pictures: np.ndarray
    names: tuple[str, ...]
    fracture: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)

    @classmethod
    def none(cls) -> Self:
        return cls(np.array([], int), (), np.zeros((0, 0)))


@dataclass(frozen=True)
class DetectorScores:
    """N scored pictures. A picture occurs once for each split that holds it out.

    ``splits`` (N,): the name of the split. ``ids`` (N,): the first 16 digits of the SHA-256. ``groups`` (N,):
    pictures that may be of one patient. ``radiographs`` (N,): copies of one radiograph. ``measured`` (N,)
    bool: one picture of each radiograph. ``labels`` (N,): 1 is fractured. ``sizes`` (N, 2): width and height
    of the file in pixels. ``fracture`` (N,): raw log-odds. ``kinds`` (N, K): scores of the kinds head, NaN if
    it was not asked. ``focus`` (N,): 1 if the strongest cell lies in a true box, 0 if not, -1 if there is no
    box. ``boxes`` (N, 3): number of true boxes of each size class. ``marks``: name → (N,) bool.
    """

    splits: np.ndarray
    ids: np.ndarray
    collections: np.ndarray
    groups: np.ndarray
    radiographs: np.ndarray
    measured: np.ndarray
    labels: np.ndarray
    sizes: np.ndarray
    fracture: np.ndarray
    kinds: np.ndarray
    focus: np.ndarray
    boxes: np.ndarray
    marks: dict[str, np.ndarray]
    candidates: Candidates
    altered: Altered

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> Self:
        """The scores of a run or a release without a detector."""
        text, integers = np.array([], "U16"), np.array([], int)
        return cls(
            *(text, text, text, text, text),
            np.array([], bool),
            integers,
            np.zeros((0, 2), int),
            np.array([]),
            np.zeros((0, len(KINDS))),
            integers,
            np.zeros((0, len(SIZES)), int),
            {name: np.array([], bool) for name in MARKS},
            Candidates.none(),
            Altered.none(),
        )

    def where(self, keep: np.ndarray) -> Self:
        """The pictures that the mask ``keep`` (N,) chooses, with their candidates and changes."""
        row = np.cumsum(keep) - 1
        candidates = self.candidates.where(keep[self.candidates.pictures])
        changed = keep[self.altered.pictures]
        return replace(
            self,
            **{name: getattr(self, name)[keep] for name in ARRAYS},
            marks={name: marked[keep] for name, marked in self.marks.items()},
            candidates=replace(candidates, pictures=row[candidates.pictures]),
            altered=Altered(
                row[self.altered.pictures[changed]],
                self.altered.names,
                self.altered.fracture[:, changed],
            ),
        )

    def of(self, collection: str, split: str = FOLD_PREFIX) -> Self:
        """One picture of each radiograph of a collection, from the splits whose names begin with ``split``.

        The default are the folds, whose networks were trained on the other folds of every collection.
        """
        scored = np.char.startswith(self.splits.astype(str), split)
        return self.where(scored & self.measured & (self.collections == collection))


ARRAYS = tuple(
    column.name
    for column in fields(DetectorScores)
    if column.name not in ("marks", "candidates", "altered")
)
