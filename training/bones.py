"""Bones with and without a fracture: a folder of two subfolders and the manifest that groups its twins."""

import csv
import hashlib
from pathlib import Path

from training.data import Row, manifest_of
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


def read_bones(folder: Path, grouped: bool = True, whole: bool = True) -> list[Row]:
    """Every picture below ``fractured`` and ``not-fractured`` (or FracAtlas' names for them).

    Not ``grouped``, for a set that is only measured on, each picture is a group of its own.
    ``whole``: both states must be there. Raises
    TrainingError where a folder is missing or empty, or the manifest, without which turned copies
    of one radiograph would be learnt from and measured on.
    """
    groups = _groups(folder) if grouped else {}
    rows = []
    if not folder.is_dir():
        raise TrainingError(f"There is no data folder {folder}.")
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES):
        state = _FOLDERS.get(path.parent.name.lower())
        if state is not None:
            name = path.relative_to(folder).as_posix()
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append(Row(path, state, sha256, groups.get(name, sha256[:16])))
    if whole and {row.label for row in rows} != {0, 1}:
        raise TrainingError(f"{folder} lacks pictures below 'fractured' or below 'not-fractured'.")
    return rows


def _groups(folder: Path) -> dict[str, str]:
    """Path below the folder → group, of the manifest that ``audit`` writes."""
    with manifest_of(folder).open(newline="") as file:
        return {row["path"]: row["group_id"] for row in csv.DictReader(file)}
