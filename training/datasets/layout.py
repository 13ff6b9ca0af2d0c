"""The pictures of a folder, with the class and the split of each.

The layouts ``<class>/*``, ``<class>/<split>/*`` and ``<split>/<class>/*`` are read, with any class names,
and within one or two outer folders that an archive unpacks to.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from training.errors import TrainingError

SPLITS = {
    "train": "Train",
    "training": "Train",
    "val": "Val",
    "valid": "Val",
    "validation": "Val",
    "test": "Test",
    "testing": "Test",
}
_PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".dcm", ".gif", ".bmp", ".webp"}


@dataclass(frozen=True)
class Picture:
    """``path``: below the folder, with slashes. ``split``: "Train", "Val", "Test" or ""."""

    path: str
    label: str
    split: str


def root_of(folder: Path) -> Path:
    """The folder that holds the classes: goes down while a folder holds one subfolder and nothing else.

    Raises TrainingError if there is no folder.
    """
    if not folder.is_dir():
        raise TrainingError(f"There is no data folder {folder}.")
    entries = _visible(folder)
    while len(entries) == 1 and entries[0].is_dir():
        below = _visible(entries[0])
        if entries[0].name.lower() in SPLITS or not any(path.is_dir() for path in below):
            break
        if all(path.name.lower() in SPLITS for path in below if path.is_dir()) and not any(
            inner.is_dir() for path in below if path.is_dir() for inner in _visible(path)
        ):
            break  # one class that holds its splits
        folder, entries = entries[0], below
    return folder


def find_pictures(folder: Path) -> list[Picture]:
    """The pictures, ordered by path. Raises TrainingError if there is no class folder, or an empty one."""
    found = []
    for path in sorted(found for found in folder.rglob("*") if found.suffix.lower() in _PICTURES):
        below = path.relative_to(folder)
        if len(below.parts) > 1 and not any(part.startswith(".") for part in below.parts):
            label, split = _place(below.parts[:-1])
            found.append(Picture(below.as_posix(), label, split))
    _refuse_empty(folder, found)
    return found


def counts(pictures: list[Picture]) -> Counter[tuple[str, str]]:
    """(class, split) → number of pictures."""
    return Counter((picture.label, picture.split) for picture in pictures)


def _visible(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith((".", "__")) and path.name != "manifest.csv"
    ]


def _place(folders: tuple[str, ...]) -> tuple[str, str]:
    """Class and split of a picture in these folders."""
    split = next((SPLITS[name.lower()] for name in folders if name.lower() in SPLITS), "")
    named = [name for name in folders if name.lower() not in SPLITS]
    return (named[0] if named else folders[0]), split


def _refuse_empty(folder: Path, found: list[Picture]) -> None:
    if not found:
        raise TrainingError(
            f"{folder} has no pictures in class folders. Expected are <class>/*.jpg, "
            "<class>/<split>/*.jpg or <split>/<class>/*.jpg."
        )
    parents = {parent for picture in found for parent in (folder / picture.path).parents}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
        if path.is_dir() and not hidden and path not in parents and not any(path.iterdir()):
            raise TrainingError(
                f"The class folder {path} is empty. Fill it again from the download, or remove it."
            )
