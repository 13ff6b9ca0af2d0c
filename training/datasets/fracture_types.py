"""The ten fracture types: a folder of class subfolders with the manifest that groups its twins."""

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
    """ "Fracture Dislocation" and "Avulsion fracture" → the class's index. Raises TrainingError."""
    name = folder.strip().lower().replace("-", " ")
    if name != "fracture dislocation":
        name = name.removesuffix(" fracture")
    name = name.replace(" ", "_")
    if name not in CLASSES:
        raise TrainingError(f"The folder {folder!r} is none of the ten classes.")
    return CLASSES.index(name)


def read_rows(folder: Path, label_sets: bool = False, whole: bool = True) -> list[Row]:
    """The manifest's rows. ``usable`` is one picture of each radiograph, which is measured on (see
    ``training.datasets.manifests.measured_on``); its twins may be learnt from as well.

    Pictures filed under several classes and what is no plain radiograph are neither, but come along:
    the shipped Test split has them. With ``label_sets``, a radiograph that is filed under several
    classes teaches them all; measured on are those of one class alone, by which any recipe can be compared.
    Of each such radiograph one picture has a ``label_set``, whatever the recipe: it is measured against that.
    ``whole``: every class must be there.
    """
    entries, foreign = _entries(folder), not_radiographs()
    classes, measured = _classes_of_radiographs(entries), measured_on(entries, foreign)
    label_sets_of = _label_sets(entries, classes, foreign)
    rows = []
    for each in entries:
        label, conflict = label_of(each["class"]), each["label_conflict"] == "1"
        teaches = each["sha256"] not in foreign and (label_sets or not conflict)
        rows.append(
            Row(
                folder / each["path"],
                label,
                each["sha256"],
                each["group_id"],
                each["split"],
                each.get("test_leaked") == "1",
                each["path"] in measured and not conflict,
                tuple(classes[each["dup_id"]] - {label}) if label_sets and conflict else (),
                conflict,
                teaches=teaches,
                label_set=label_sets_of.get(each["path"], ()),
            )
        )
    if whole:
        check_classes(rows, folder)
    return rows


def _entries(folder: Path) -> list[dict[str, str]]:
    return read_table(manifest_path(folder), MANIFEST_COLUMNS)


def _classes_of_radiographs(entries: list[dict[str, str]]) -> dict[str, set[int]]:
    """``dup_id`` → the classes that its pictures are filed under."""
    found: dict[str, set[int]] = {}
    for each in entries:
        found.setdefault(each["dup_id"], set()).add(label_of(each["class"]))
    return found


def _label_sets(
    entries: list[dict[str, str]], classes: dict[str, set[int]], foreign: Container[str]
) -> dict[str, tuple[int, ...]]:
    """Path → classes, of the first picture of each radiograph that is filed under several. A manifest keeps
    none of its pictures, so that ``measured_on`` has none.
    """
    first: dict[str, str] = {}
    for each in sorted(entries, key=itemgetter("path")):
        if each["label_conflict"] == "1" and each["sha256"] not in foreign:
            first.setdefault(each["dup_id"], each["path"])
    several = {dup: path for dup, path in first.items() if len(classes[dup]) > 1}
    return {path: tuple(sorted(classes[dup])) for dup, path in several.items()}


def check_classes(rows: list[Row], folder: Path) -> None:
    """Raises TrainingError where a class has nothing to be measured on."""
    empty = set(range(len(CLASSES))) - {row.label for row in rows if row.usable}
    if empty:
        names = ", ".join(CLASSES[index] for index in sorted(empty))
        raise TrainingError(f"{folder} has no usable picture of: {names}.")
