"""A detector's held-out scores, in a shape that a release may hold: outcomes, and no place of any box."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from classifier.assessability import KINDS
from training.evaluation.detector.held_out import MARKS
from training.evaluation.detector.outcomes import SIZES
from training.fitting.detection.splits import FOLD_PREFIX


@dataclass(frozen=True)
class Candidates:
    """M candidate boxes. ``pictures`` (M,): their picture's row; ``ranks`` (M,): 0 is its best.

    ``heats`` (M,): raw log-odds at the peak. ``hits`` (M,): the index among its picture's true boxes of that
    which holds its centre, or -1; a later candidate of one picture with the same index is a repetition.
    ``overlaps`` (M,): intersection over union with it. ``sizes`` (M,): its index of ``SIZES``, or -1.
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
        whole, number = np.array([], int), np.array([], float)
        return cls(whole, whole, number, whole, number, whole)

    def where(self, keep: np.ndarray) -> Self:
        """The candidates of (M,) bool ``keep``."""
        return replace(self, **{each.name: getattr(self, each.name)[keep] for each in fields(self)})


@dataclass(frozen=True)
class Altered:
    """K pictures that were scored again after a change. ``pictures`` (K,): their rows; ``names``: of the A
    changes; ``fracture`` (A, K): raw log-odds after each.
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
    """N scored pictures; one comes once for each part that holds it out.

    ``splits`` (N,): the name of the split that held the picture out. ``ids`` (N,): the start of the
    SHA-256. ``groups`` (N,): what may be of
    one patient. ``radiographs`` (N,): copies of one radiograph share it. ``measured`` (N,): one picture of
    each radiograph. ``labels`` (N,): 1 is fractured. ``sizes`` (N, 2): the file's width and height in
    pixels. ``fracture`` (N,): raw log-odds; ``kinds`` (N, K): of the refusal head, NaN where it was not
    asked. ``focus`` (N,): 1 where the strongest cell lies in a true box, 0 where it doesn't, -1 where there
    is no box. ``boxes`` (N, 3): how many true boxes of each of ``SIZES``. ``marks``: name → (N,) bool.
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
        """Of a run or a release without a detector."""
        text, whole = np.array([], "U16"), np.array([], int)
        return cls(
            *(text, text, text, text, text),
            np.array([], bool),
            whole,
            np.zeros((0, 2), int),
            np.array([]),
            np.zeros((0, len(KINDS))),
            whole,
            np.zeros((0, len(SIZES)), int),
            {name: np.array([], bool) for name in MARKS},
            Candidates.none(),
            Altered.none(),
        )

    def where(self, keep: np.ndarray) -> Self:
        """The pictures of (N,) bool ``keep``, with their candidates and changes."""
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

    def of(self, collection: str, part: str = FOLD_PREFIX) -> Self:
        """One picture of each radiograph of a collection, as the parts scored it whose name begins so: the
        folds, whose networks have learnt from the other folds of every collection, or a part of its own.
        """
        scored = np.char.startswith(self.splits.astype(str), part)
        return self.where(scored & self.measured & (self.collections == collection))


ARRAYS = tuple(
    each.name
    for each in fields(DetectorScores)
    if each.name not in ("marks", "candidates", "altered")
)
