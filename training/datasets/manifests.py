"""Chooses the manifest that names the twins of a data folder: the audit's, else the folder's own."""

import csv
import hashlib
import json
import logging
from collections.abc import Container, Iterable
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from classifier.radiograph import RefusedFile, read_radiograph
from training.datasets.layout import find_pictures
from training.errors import TrainingError

RUNS = Path(__file__).resolve().parents[2] / "runs"
_SHOWN = 3  # pictures to name
logger = logging.getLogger(__name__)


def manifest_path(folder: Path) -> Path:
    """The manifest that ``audit`` made of this folder, else the folder's own.

    The audit comes first because it finds more twins. Raises TrainingError if there is no manifest, or the
    folder has changed since its audit.
    """
    if not folder.is_dir():
        raise TrainingError(f"There is no data folder {folder}.")
    audited, own = RUNS / f"audit-{folder.name}", folder / "manifest.csv"
    if audit_is_of(audited, folder):
        _refuse_changes(audited / "manifest.csv", folder)
        logger.info("%s: twins by %s", folder, audited / "manifest.csv")
        return audited / "manifest.csv"
    if own.is_file():
        logger.info("%s: twins by its own manifest.csv; an audit would find more", folder)
        return own
    raise TrainingError(
        f"{folder} has no manifest.csv, which says what pictures are twins. "
        f"Make one with: python -m training audit --data {folder}"
    )


def measured_on(entries: Iterable[dict[str, str]], non_radiographs: Container[str]) -> set[str]:
    """The paths of the pictures that are measured on: one of each radiograph.

    That is the one that the manifest keeps. If somebody marked it as a non-radiograph (its SHA-256 is in
    ``non_radiographs``), it is the first of its twins that is one.
    """
    found: set[str] = set()
    for _, twins in groupby(sorted(entries, key=_kept_first), key=itemgetter("dup_id")):
        every = list(twins)
        kept = [twin for twin in every if twin["dedup_keep"] == "1"]
        radiographs = [twin for twin in every if twin["sha256"] not in non_radiographs]
        measured = [twin for twin in kept if twin in radiographs] or radiographs[: len(kept)]
        found.update(twin["path"] for twin in measured)
    return found


def _kept_first(entry: dict[str, str]) -> tuple[str, bool, str]:
    return entry["dup_id"], entry["dedup_keep"] != "1", entry["path"]


def audit_is_of(run: Path, folder: Path) -> bool:
    """Whether ``run`` holds a finished audit of ``folder``, and not of another folder with this name."""
    try:
        record = json.loads((run / "audit.json").read_text())
    except (OSError, ValueError):
        return False
    return (run / "manifest.csv").is_file() and record.get("folder") == str(folder.resolve())


def readable(path: Path) -> bool:
    try:
        read_radiograph(path.read_bytes(), path.name)
    except (RefusedFile, OSError):
        return False
    return True


def _refuse_changes(manifest: Path, folder: Path) -> None:
    there = {picture.path for picture in find_pictures(folder)}
    with manifest.open(newline="") as file:
        listed = {row["path"]: row["sha256"] for row in csv.DictReader(file)}
    further = sorted(name for name in there - listed.keys() if readable(folder / name))
    gone = sorted(listed.keys() - there)
    changed = sorted(
        name for name in there & listed.keys() if _sha256(folder / name) != listed[name]
    )
    faults = [
        f"{len(names):,} {what} ({', '.join(names[:_SHOWN])}{', …' * (len(names) > _SHOWN)})"
        for names, what in ((gone, "gone"), (further, "new"), (changed, "changed"))
        if names
    ]
    if faults:
        raise TrainingError(
            f"The pictures in {folder} are not those of its audit: {'; '.join(faults)}. "
            f"Audit it again: python -m training audit --data {folder}"
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
