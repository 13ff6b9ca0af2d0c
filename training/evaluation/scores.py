"""All held-out scores of a run: read from its splits, or from the tables of a release."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from classifier.release import load_release
from classifier.release_errors import ReleaseError
from training.datasets.bones import STATES
from training.errors import TrainingError
from training.evaluation.classifier_scores import ClassifierScores, read_scores, write_scores
from training.evaluation.conflicts import FILE as CONFLICTS
from training.evaluation.conflicts import Conflicts
from training.evaluation.deletion import FILE as DELETION
from training.evaluation.deletion import Deletion
from training.evaluation.detector import tables as detected
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.external.scores import FILE as ELSEWHERE
from training.evaluation.external.scores import ExternalScores
from training.fitting.kinds_record import KINDS_FILE
from training.fitting.splits import FINAL, SHIPPED, SPLITS
from training.storage.files import read_arrays, read_json, read_run

Read = TypeVar("Read")
# Field of RunScores → its name in the files of a run and a release, and the classes of its labels.
_TABLES = {
    "types": ("types", CLASSES),
    "shipped": ("shipped", CLASSES),
    "bones": ("bones", STATES),
    "external_test": ("outside", STATES),
    "non_radiographs": ("foreign", KINDS),
}
_NEEDED = ("types", "bones", "non_radiographs")  # every run has them


@dataclass(frozen=True)
class RunScores:
    """All scores of a run. Each is empty if the run has no such data.

    ``elsewhere`` belongs to a finished release that was measured on an external collection; a run has none.
    """

    types: ClassifierScores
    shipped: ClassifierScores
    bones: ClassifierScores
    non_radiographs: ClassifierScores
    external_test: ClassifierScores
    deletion: Deletion
    elsewhere: ExternalScores = field(default_factory=ExternalScores.none)
    detector: DetectorScores = field(default_factory=DetectorScores.none)
    conflicts: Conflicts = field(default_factory=Conflicts.none)

    @classmethod
    def of_run(cls, run: Path) -> "RunScores":
        """Joins the scores of all splits of a run. Raises TrainingError if the run is unfinished."""
        config = read_run(run)["config"]
        _refuse_unfinished(run)
        folds = [
            (f"repeat-{repeat}-fold-{fold}", repeat, fold)
            for repeat in range(config["repeats"])
            for fold in range(config["folds"])
        ]
        of_folds: dict[str, Any] = {
            name: ClassifierScores.joined(
                [_of_split(run, stem, name, repeat, fold) for stem, repeat, fold in folds]
            )
            for name in _NEEDED
        }
        shipped = ClassifierScores.none()
        if (run / f"{SHIPPED}.npz").is_file():
            shipped = _of_split(run, SHIPPED, "types", 0, 0)
        found = cls(
            shipped=shipped,
            external_test=_of_split(run, FINAL, "external_test", 0, 0),
            deletion=Deletion.of_splits([run / f"{stem}.npz" for stem, _, _ in folds]),
            detector=read_detector_scores(run) if config.get("detector") else DetectorScores.none(),
            conflicts=Conflicts.of_folds(
                [(run / f"{stem}.npz", repeat, fold) for stem, repeat, fold in folds]
            ),
            **of_folds,
        )
        return with_kinds_of(run, found) if config.get("detector") else found

    def write(self, folder: Path) -> None:
        """Writes ``scores_NAME.csv`` for each that isn't empty; all figures can be recomputed from them."""
        for field_name, (name, classes) in _TABLES.items():
            scores: ClassifierScores = getattr(self, field_name)
            if len(scores):
                write_scores(scores, folder / f"scores_{name}.csv", classes)
        if len(self.deletion):
            self.deletion.write(folder)
        if len(self.conflicts):
            self.conflicts.write(folder)
        if len(self.elsewhere):
            self.elsewhere.write(folder)
        detected.write(self.detector, folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads what ``write`` wrote. The files of a release must be those that its manifest lists.

        Raises TrainingError if there is nothing, or a table is missing or damaged.
        """
        if not (folder / "scores_types.csv").is_file():
            raise TrainingError(f"{folder} holds no scores.")
        if (folder / "manifest.json").exists():
            _check_release(folder)
        found = {
            field_name: _whole(read_scores, folder / f"scores_{name}.csv", classes)
            for field_name, (name, classes) in _TABLES.items()
        }
        for field_name in _NEEDED:
            name, _ = _TABLES[field_name]
            if not len(found[field_name]):
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
    """Calls ``read``. Raises TrainingError if the table was edited or cut off."""
    try:
        return read(path, *more)
    except (ValueError, TypeError, KeyError, IndexError, csv.Error):
        raise TrainingError(
            f"{path} is damaged: it holds no such table as export writes."
        ) from None


def _refuse_unfinished(run: Path) -> None:
    """Raises TrainingError if a split is missing: figures of the other ones would look complete."""
    path = run / SPLITS
    for name in read_json(path) if path.is_file() else []:
        if not (run / f"{name}.npz").is_file():
            raise TrainingError(f"The run in {run} is unfinished: {name} is not trained yet.")


def _of_split(run: Path, stem: str, field_name: str, repeat: int, fold: int) -> ClassifierScores:
    name, _ = _TABLES[field_name]
    found = ClassifierScores.of_arrays(name, read_arrays(run / f"{stem}.npz"))
    count = len(found)
    return replace(found, repeats=np.full(count, repeat), folds=np.full(count, fold))


def with_kinds_of(run: Path, scores: RunScores) -> RunScores:
    """The scores with those of the kinds head that a run with a detector fits apart and serves.

    Raises TrainingError if one of the types' pictures has no such score.
    """
    arrays = read_arrays(run / KINDS_FILE)
    return replace(
        scores,
        types=_with_kinds(scores.types, ClassifierScores.of_arrays("types", arrays)),
        bones=ClassifierScores.of_arrays("bones", arrays),
        non_radiographs=ClassifierScores.of_arrays("foreign", arrays),
    )


def _with_kinds(types: ClassifierScores, kinds: ClassifierScores) -> ClassifierScores:
    pairs = zip(kinds.ids, kinds.repeats, kinds.kinds, strict=True)
    known = {(own, repeat): scores for own, repeat, scores in pairs}
    try:
        found = [known[key] for key in zip(types.ids, types.repeats, strict=True)]
    except KeyError:
        raise TrainingError(
            "The pictures that the types were measured on are not those of this run's kinds head."
        ) from None
    return replace(types, kinds=np.array(found))
