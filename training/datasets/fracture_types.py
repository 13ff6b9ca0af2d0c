"""The data set of the ten fracture types: class subfolders, and a manifest that groups twins."""

from collections.abc import Container
from operator import itemgetter
from pathlib import Path

from classifier.labels import CLASSES
from training.datasets.dataset import Row
from training.datasets.manifests import manifest_path, measured_on
from training.datasets.not_radiographs import not_radiographs
from training.datasets.read_table import read_table
from training.errors import TrainingError

MANIFEST_COLUMNS = {
    "path",
    "class",
    "split",
    "sha256",
    "dup_id",
    "group_id",
    "label_conflict",
    "dedup_keep",
}


def label_of(folder: str) -> int:
    """The index of the class, for a folder such as "Fracture Dislocation" or "Avulsion fracture".

    Raises TrainingError if it is none of the ten.
    """
    name = folder.strip().lower().replace("-", " ")
    if name != "fracture dislocation":
        name = name.removesuffix(" fracture")
    name = name.replace(" ", "_")
    if name not in CLASSES:
        raise TrainingError(f"The folder {folder!r} is none of the ten classes.")
    return CLASSES.index(name)


def read_rows(folder: Path, label_sets: bool = False, complete: bool = True) -> list[Row]:
    """Reads the manifest's rows. One picture of each radiograph is ``usable``; its twins are used for
    training.

    Pictures that are filed under several classes, and non-radiographs, are neither usable nor trainable.
    They are in the list because the shipped Test split has them.

    ``label_sets``: a radiograph that is filed under several classes is trained with all of them. Only
    radiographs with one class are measured on, so that recipes can be compared. One picture of each
    radiograph with several classes has a ``label_set``, and is measured against it apart. ``complete``: every
    class must be there.
    """
    entries, non_radiographs = _entries(folder), not_radiographs()
    classes, measured = _classes_of_radiographs(entries), measured_on(entries, non_radiographs)
    label_sets_of = _label_sets(entries, classes, non_radiographs)
    rows = []
    for entry in entries:
        label, conflict = label_of(entry["class"]), entry["label_conflict"] == "1"
        trainable = entry["sha256"] not in non_radiographs and (label_sets or not conflict)
        rows.append(
            Row(
                folder / entry["path"],
                label,
                entry["sha256"],
                entry["group_id"],
                entry["split"],
                entry.get("test_leaked") == "1",
                entry["path"] in measured and not conflict,
                tuple(classes[entry["dup_id"]] - {label}) if label_sets and conflict else (),
                conflict,
                trainable=trainable,
                label_set=label_sets_of.get(entry["path"], ()),
            )
        )
    if complete:
        check_classes(rows, folder)
    return rows


def _entries(folder: Path) -> list[dict[str, str]]:
    return read_table(manifest_path(folder), MANIFEST_COLUMNS)


def _classes_of_radiographs(entries: list[dict[str, str]]) -> dict[str, set[int]]:
    """``dup_id`` → the classes that its pictures are filed under."""
    found: dict[str, set[int]] = {}
    for entry in entries:
        found.setdefault(entry["dup_id"], set()).add(label_of(entry["class"]))
    return found


def _label_sets(
    entries: list[dict[str, str]], classes: dict[str, set[int]], non_radiographs: Container[str]
) -> dict[str, tuple[int, ...]]:
    """Path → classes, for the first picture of each radiograph that is filed under several classes.

    The manifest keeps none of these pictures, so ``measured_on`` doesn't list them.
    """
    first: dict[str, str] = {}
    for entry in sorted(entries, key=itemgetter("path")):
        if entry["label_conflict"] == "1" and entry["sha256"] not in non_radiographs:
            first.setdefault(entry["dup_id"], entry["path"])
    several = {dup: path for dup, path in first.items() if len(classes[dup]) > 1}
    return {path: tuple(sorted(classes[dup])) for dup, path in several.items()}


def check_classes(rows: list[Row], folder: Path) -> None:
    """Raises TrainingError if a class has no usable picture."""
    empty = set(range(len(CLASSES))) - {row.label for row in rows if row.usable}
    if empty:
        names = ", ".join(CLASSES[index] for index in sorted(empty))
        raise TrainingError(f"{folder} has no usable picture of: {names}.")
