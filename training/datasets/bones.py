"""The data set of bones with and without a fracture: two subfolders, and a manifest that groups twins."""

import hashlib
from pathlib import Path

from training.datasets.dataset import Row
from training.datasets.manifests import manifest_path, measured_on, readable
from training.datasets.not_radiographs import not_radiographs
from training.datasets.read_table import read_table
from training.errors import TrainingError

STATES = ("healthy", "fractured")
_FOLDERS = {
    "fractured": 1,
    "fracture": 1,
    "not-fractured": 0,
    "not_fractured": 0,
    "not fractured": 0,
    "non_fractured": 0,
    "normal": 0,
    "healthy": 0,
}
_PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".dcm"}


def read_bones(folder: Path, grouped: bool = True, complete: bool = True) -> list[Row]:
    """Reads every picture below ``fractured`` and ``not-fractured`` (or FracAtlas' names of these folders).

    One picture of each radiograph is ``usable``. Its twins are used for training. A picture that is no plain
    radiograph of a bone is neither usable nor trainable.

    ``grouped``: False for a set that is only measured on; each of its pictures is a group of its own.
    ``complete``: both states must be there. Raises TrainingError if a folder is missing or empty, or no
    manifest names the twins of every picture: without it, turned copies of one radiograph would be in the
    training set and in the test set.
    """
    if not folder.is_dir():
        raise TrainingError(f"There is no data folder {folder}.")
    entries, non_radiographs = _entries(folder) if grouped else {}, not_radiographs()
    measured, rows = measured_on(entries.values(), non_radiographs), []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES):
        state = _FOLDERS.get(path.parent.name.lower())
        if state is None:
            continue
        name = path.relative_to(folder).as_posix()
        if grouped and name not in entries and readable(path):
            raise TrainingError(
                f"The manifest of {folder} does not say whose twin {name} is. "
                f"Make one that does: python -m training audit --data {folder}"
            )
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        group = entries[name]["group_id"] if name in entries else sha256[:16]
        trainable = sha256 not in non_radiographs
        usable = name in measured if name in entries else trainable
        rows.append(Row(path, state, sha256, group, usable=usable, trainable=trainable))
    if complete:
        check_states(rows, folder)
    return rows


def check_states(rows: list[Row], folder: Path) -> None:
    """Raises TrainingError if no usable picture has one of the two states."""
    if {row.label for row in rows if row.usable} != {0, 1}:
        raise TrainingError(f"{folder} lacks pictures below 'fractured' or below 'not-fractured'.")


def _entries(folder: Path) -> dict[str, dict[str, str]]:
    """Path below the folder → the row of the manifest that ``audit`` writes."""
    needed = ("path", "sha256", "dup_id", "group_id", "dedup_keep")
    return {row["path"]: row for row in read_table(manifest_path(folder), needed)}
