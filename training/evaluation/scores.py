"""Held-out scores: what networks said of pictures that neither they nor their heads learnt from."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from classifier.release import ReleaseError, load_release
from training.datasets.bones import STATES
from training.errors import TrainingError
from training.evaluation.conflicts import FILE as CONFLICTS
from training.evaluation.conflicts import Conflicts
from training.evaluation.deletion import FILE as DELETION
from training.evaluation.deletion import Deletion
from training.evaluation.detector import tables as detected
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.external.scores import FILE as ELSEWHERE
from training.evaluation.external.scores import ExternalScores
from training.evaluation.rounding import rounded, written
from training.fitting.kinds_head import KINDS_FILE
from training.fitting.splits import FINAL, SHIPPED, SPLITS
from training.storage.files import read_arrays, read_json, read_run

Read = TypeVar("Read")
_NAMES = {
    "types": CLASSES,
    "shipped": CLASSES,
    "bones": STATES,
    "outside": STATES,
    "foreign": KINDS,
}
_NEEDED = ("types", "bones", "foreign")  # every run has them


@dataclass(frozen=True)
class Scores:
    """N scored pictures. A picture comes once a repeat.

    ``ids`` (N,): the start of each picture's SHA-256. ``labels`` (N,): of its data set's classes.
    ``sizes`` (N, 2): the file's width and height in pixels. Raw scores: ``logits`` (N, 10), ``kinds``
    (N, K), ``fracture`` (N,); an empty array where the data set isn't scored so.
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
        text, whole = np.array([], "U16"), np.array([], int)
        return cls(
            text,
            text,
            whole,
            whole,
            whole,
            np.array([], bool),
            np.zeros((0, 2), int),
            np.zeros((0, len(CLASSES))),
            np.zeros((0, len(KINDS))),
            np.array([]),
        )

    def where(self, keep: np.ndarray) -> "Scores":
        """The pictures of (N,) bool ``keep``."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(
            self, **{name: part[keep] if len(part) else part for name, part in parts.items()}
        )

    @property
    def parts(self) -> Iterator[np.ndarray]:
        """(N,) bool of each fold of each repeat."""
        for repeat in np.unique(self.repeats):
            for fold in np.unique(self.folds[self.repeats == repeat]):
                yield (self.repeats == repeat) & (self.folds == fold)

    def others(self, part: np.ndarray) -> np.ndarray:
        """(N,) bool: the same repeat's other folds, which calibrate a fold without having seen it."""
        if not part.any():
            return ~part
        return (self.repeats == self.repeats[part][0]) & ~part


@dataclass(frozen=True)
class RunScores:
    """All of a run's scores. ``outside``, ``shipped``, ``deletion`` and ``conflicts`` are empty where there
    is no such data, ``detector`` where there is none. ``elsewhere`` is of the finished release, so that a run
    has none.
    """

    types: Scores
    shipped: Scores
    bones: Scores
    foreign: Scores
    outside: Scores
    deletion: Deletion
    elsewhere: ExternalScores = field(default_factory=ExternalScores.none)
    detector: DetectorScores = field(default_factory=DetectorScores.none)
    conflicts: Conflicts = field(default_factory=Conflicts.none)

    @classmethod
    def of_run(cls, run: Path) -> "RunScores":
        """Joins a finished run's parts: what its release is measured by. Raises TrainingError where it is
        unfinished.
        """
        config = read_run(run)["config"]
        _refuse_unfinished(run)
        folds = [
            (f"repeat-{repeat}-fold-{fold}", repeat, fold)
            for repeat in range(config["repeats"])
            for fold in range(config["folds"])
        ]
        held: dict[str, Any] = {
            name: _joined([_part(run, stem, name, repeat, fold) for stem, repeat, fold in folds])
            for name in ("types", "bones", "foreign")
        }
        shipped = Scores.none()
        if (run / f"{SHIPPED}.npz").is_file():
            shipped = _part(run, SHIPPED, "types", 0, 0)
        found = cls(
            shipped=shipped,
            outside=_part(run, FINAL, "outside", 0, 0),
            deletion=Deletion.of_parts([run / f"{stem}.npz" for stem, _, _ in folds]),
            detector=read_detector_scores(run) if config.get("detector") else DetectorScores.none(),
            conflicts=Conflicts.of_folds(
                [(run / f"{stem}.npz", repeat, fold) for stem, repeat, fold in folds]
            ),
            **held,
        )
        return with_kinds_of(run, found) if config.get("detector") else found

    def write(self, folder: Path) -> None:
        """``scores_NAME.csv`` for each that isn't empty, from which all figures can be recomputed."""
        for name, classes in _NAMES.items():
            scores: Scores = getattr(self, name)
            if len(scores):
                _write(scores, folder / f"scores_{name}.csv", classes)
        if len(self.deletion):
            self.deletion.write(folder)
        if len(self.conflicts):
            self.conflicts.write(folder)
        if len(self.elsewhere):
            self.elsewhere.write(folder)
        detected.write(self.detector, folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What ``write`` wrote, and in a release's folder nothing but what was released.

        Raises TrainingError where there is nothing, or a table is missing or damaged.
        """
        if not (folder / "scores_types.csv").is_file():
            raise TrainingError(f"{folder} holds no scores.")
        if (folder / "manifest.json").exists():
            _check_release(folder)
        found = {
            name: _whole(_read, folder / f"scores_{name}.csv", classes)
            for name, classes in _NAMES.items()
        }
        for name in _NEEDED:
            if not len(found[name]):
                raise TrainingError(f"{folder} lacks the scores of {name}: scores_{name}.csv.")
        detector = _whole(detected.read, folder)
        if not len(detector) and not len(found["bones"].fracture):
            raise TrainingError(
                f"{folder} lacks the scores of fracture or none: {detected.PICTURES}, or the column "
                "fracture in scores_bones.csv."
            )
        return cls(
            deletion=_whole(Deletion.read, folder / DELETION),
            elsewhere=_whole(ExternalScores.read, folder / ELSEWHERE),
            detector=detector,
            conflicts=_whole(Conflicts.read, folder / CONFLICTS),
            **found,
        )


def _check_release(folder: Path) -> None:
    try:
        load_release(folder)
    except ReleaseError as error:
        raise TrainingError(str(error)) from None


def _whole(read: Callable[..., Read], path: Path, *more: Any) -> Read:
    """What ``read`` makes of a table that was edited or cut."""
    try:
        return read(path, *more)
    except (ValueError, TypeError, KeyError, IndexError, csv.Error):
        raise TrainingError(
            f"{path} is damaged: it holds no such table as export writes."
        ) from None


def _refuse_unfinished(run: Path) -> None:
    """A run without the shipped split would say of data that has one that it has none."""
    parts = run / SPLITS
    for name in read_json(parts) if parts.is_file() else []:
        if not (run / f"{name}.npz").is_file():
            raise TrainingError(f"The run in {run} is unfinished: {name} is not trained yet.")


def _part(run: Path, stem: str, name: str, repeat: int, fold: int) -> Scores:
    found = of_arrays(name, read_arrays(run / f"{stem}.npz"))
    count = len(found)
    return replace(found, repeats=np.full(count, repeat), folds=np.full(count, fold))


def of_arrays(name: str, arrays: dict[str, np.ndarray]) -> Scores:
    """Of the arrays whose names begin with ``name``; no scores where there are none."""
    found = {
        key.removeprefix(f"{name}_"): rounded(array)
        for key, array in arrays.items()
        if key.startswith(f"{name}_")
    }
    return replace(Scores.none(), **found)


def with_kinds_of(run: Path, scores: RunScores) -> RunScores:
    """The scores with those of the kinds head that a run with a detector fits apart, which is the one that
    is served.

    Raises TrainingError where that has not seen one of the types' pictures.
    """
    arrays = read_arrays(run / KINDS_FILE)
    return replace(
        scores,
        types=_with_kinds(scores.types, of_arrays("types", arrays)),
        bones=of_arrays("bones", arrays),
        foreign=of_arrays("foreign", arrays),
    )


def _with_kinds(types: Scores, kinds: Scores) -> Scores:
    pairs = zip(kinds.ids, kinds.repeats, kinds.kinds, strict=True)
    known = {(own, repeat): scores for own, repeat, scores in pairs}
    try:
        found = [known[key] for key in zip(types.ids, types.repeats, strict=True)]
    except KeyError:
        raise TrainingError(
            "The pictures that the types were measured on are not those of this run's kinds head."
        ) from None
    return replace(types, kinds=np.array(found))


def _joined(parts: list[Scores]) -> Scores:
    return Scores(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(Scores)
        }
    )


def _write(scores: Scores, path: Path, classes: tuple[str, ...]) -> None:
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


def _read(path: Path, classes: tuple[str, ...]) -> Scores:
    if not path.is_file():
        return Scores.none()
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError("no rows")  # ``write`` leaves out what is empty

    def numbers(names: list[str]) -> np.ndarray:
        there = [name for name in names if name in rows[0]]
        return np.array([[float(row[name]) for name in there] for row in rows if there])

    def column(name: str) -> list[str]:
        return [row[name] for row in rows]

    fracture = numbers(["fracture"])
    return replace(
        Scores.none(),
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
