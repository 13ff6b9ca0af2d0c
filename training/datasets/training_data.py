"""All data sets of a run, read from the data folder."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.labels import CLASSES
from training.config import Config
from training.datasets.bones import STATES, check_states, read_bones
from training.datasets.dataset import Dataset, Row, load
from training.datasets.detector_pictures import film_rows
from training.datasets.fracture_types import check_classes, read_rows
from training.datasets.non_radiographs import non_radiographs_dataset, non_radiographs_in
from training.datasets.twins_across import join_twins
from training.errors import TrainingError

_FOREIGN = ("dicom", "foreign")  # folders
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingData:
    """The data sets of a run.

    ``types``: fractures of the ten types. ``bones``: bones with and without a fracture. ``non_radiographs``:
    what a release is trained to refuse. ``external_test``: bones that nothing is trained or tuned on; None
    for a recipe with a detector, because the detector is trained on them. ``films``: further radiographs of
    bones, which the detector and the kinds head learn from. ``extra``: the rows of ``types`` and ``bones``
    that come from the user's own folders.
    """

    types: Dataset
    bones: Dataset
    non_radiographs: Dataset
    external_test: Dataset | None
    films: Dataset | None = None
    extra: list[Row] = field(default_factory=list)

    @property
    def fingerprint(self) -> dict[str, Any]:
        """For each data set: the number of pictures and groups, and a hash."""
        parts = {"types": self.types, "bones": self.bones, "foreign": self.non_radiographs}
        if self.external_test is not None:
            parts["outside"] = self.external_test
        if self.films is not None:
            parts["films"] = self.films
        found: dict[str, Any] = {name: fingerprint_of(part) for name, part in parts.items()}
        if self.extra:
            hashes = sorted(row.sha256 for row in self.extra)
            found["extra"] = {
                "pictures": len(hashes),
                "groups": len({row.group for row in self.extra}),
                "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
            }
        return found


def fingerprint_of(part: Dataset) -> dict[str, Any]:
    """The number of pictures and groups of a data set, and its hash."""
    return {
        "pictures": len(part),
        "groups": len(np.unique(part.groups)),
        "sha256": part.sha256,
    }


def read_training_data(
    folder: Path, config: Config, extra: list[Path], progress: bool
) -> TrainingData:
    """Reads ``bone-break``, ``multi-region``, ``fracatlas``, ``boxes`` and ``dicom`` below ``folder``.

    ``extra``: folders with the same layout that may hold less, such as ``export_reviews`` writes.
    Raises TrainingError with the path of what is missing.
    """
    size, warn = config.cache_size, logger.warning
    rows, bones = _rows(folder, config, extra)
    types = load(rows, CLASSES, size, warn, progress)
    states = load(bones, STATES, size, warn, progress)
    check_classes(
        types.rows, folder / "bone-break"
    )  # after loading: of the pictures that can be read
    check_states(states.rows, folder / "multi-region")
    external_test, films = None, None
    if config.detector is not None:
        films = load(film_rows(folder), STATES, size, warn, progress)
    elif (folder / "fracatlas").is_dir():
        external_test = load(
            read_bones(folder / "fracatlas", grouped=False), STATES, size, warn, progress
        )
        _refuse_external_test(external_test, [*types.rows, *states.rows])
    types, states = join_twins(types, states)
    non_radiographs = non_radiographs_dataset(
        [folder / name for name in _FOREIGN],
        [non_radiographs_in(types), non_radiographs_in(states)],
        size,
        config.foreign_each,
        config.seed,
    )
    of_extra = [
        row
        for row in (*types.rows, *states.rows)
        if any(row.path.is_relative_to(own) for own in extra)
    ]
    return TrainingData(types, states, non_radiographs, external_test, films, of_extra)


def _rows(folder: Path, config: Config, extra: Sequence[Path]) -> tuple[list[Row], list[Row]]:
    """The rows of the types and of the bones. Raises TrainingError with the path of what is missing."""
    types = read_rows(folder / "bone-break", config.label_sets)
    bones = read_bones(folder / "multi-region")
    for own in extra:
        if not (own / "bone-break").is_dir() and not (own / "multi-region").is_dir():
            raise TrainingError(f"{own} holds neither bone-break nor multi-region.")
        if (own / "bone-break").is_dir():
            more = read_rows(own / "bone-break", config.label_sets, complete=False)
            # The shipped split is one of the collection, and these rows are not in it.
            types += [replace(row, split="") for row in more]
        if (own / "multi-region").is_dir():
            bones += read_bones(own / "multi-region", complete=False)
    return types, bones


def rows_hash(folder: Path, config: Config, extra: Sequence[Path]) -> str:
    """The hash of what ``read_training_data`` would read for a recipe with a detector.

    It changes when pictures or manifests change. It decodes no picture, so it takes a second and not a
    minute.
    """
    types, bones = _rows(folder, config, extra)
    lines = [
        f"{kind} {row.sha256} {row.label} {row.also} {row.group} {row.trainable:d} {row.usable:d}"
        for kind, rows in (("types", types), ("bones", bones), ("films", film_rows(folder)))
        for row in rows
        if row.path.is_file()  # a manifest may name deleted files
    ]
    for path in (path for name in _FOREIGN for path in (folder / name).rglob("*")):
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"foreign {path.relative_to(folder).as_posix()} {digest}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _refuse_external_test(external_test: Dataset, rows: list[Row]) -> None:
    """Raises TrainingError if a picture of the external test set would be trained on."""
    measured = {row.sha256 for row in external_test.rows}
    for row in rows:
        if row.sha256 in measured:
            raise TrainingError(
                f"{row.path} is in the external test set, which nothing may be trained on. Take it out."
            )
