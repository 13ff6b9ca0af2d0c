"""The detector's pictures: three collections with and without fractures, two of them with boxes."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from classifier.preprocess import Preprocessing, placement, stored
from classifier.radiograph import RefusedFile, read_radiograph
from training.datasets.bones import read_bones
from training.datasets.collections import BOXES, FRACATLAS, MULTI_REGION
from training.datasets.dataset import Row
from training.datasets.external_collection import read_folder
from training.datasets.joined_groups import joined_groups
from training.datasets.not_radiographs import not_radiographs
from training.datasets.read_table import read_table
from training.errors import TrainingError

logger = logging.getLogger(__name__)
Boxes = tuple[tuple[float, float, float, float], ...]
_BOX = ("x_center", "y_center", "width", "height")
# boxes.csv has three decimals, so a box at an edge may reach this far outside the picture.
_ROUNDED = 1e-3


@dataclass(frozen=True)
class Picture:
    """One radiograph.

    ``group``: pictures that may be of one patient share it, over all collections. ``radiograph``: copies of
    one radiograph share it. ``measured``: figures count it; this holds for one copy of each radiograph.
    ``boxes``: x, y, width, height of each fracture, where x, y is the upper left corner, in fractions of the
    picture, 0..1. ``marks``: what the collection's manifest says of it. ``size``: width, height in pixels.
    """

    path: Path
    collection: str
    sha256: str
    fractured: bool
    group: str
    radiograph: str
    measured: bool = True
    boxes: Boxes = ()
    marks: dict[str, bool] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Pictures:
    """``pixels`` (N, S, S) uint8, letterboxed and windowed; ``rows`` (N,) describe them."""

    rows: list[Picture]
    pixels: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def collections(self) -> np.ndarray:
        return np.array([row.collection for row in self.rows])

    @property
    def groups(self) -> np.ndarray:
        return np.array([row.group for row in self.rows])

    @property
    def fractured(self) -> np.ndarray:
        """(N,) bool."""
        return np.array([row.fractured for row in self.rows], bool)

    @property
    def boxed(self) -> np.ndarray:
        """(N,) bool: the picture has boxes."""
        return np.array([bool(row.boxes) for row in self.rows], bool)

    @property
    def fingerprint(self) -> dict[str, Any]:
        """For each collection: the number of pictures and groups, and the hash of the training data."""
        out = {}
        for name in sorted(set(self.collections)):
            rows = [row for row in self.rows if row.collection == name]
            lines = sorted(
                f"{row.sha256} {row.fractured:d} {row.group} {row.measured:d} {row.boxes}"
                for row in rows
            )
            out[name] = {
                "pictures": len(rows),
                "groups": len({row.group for row in rows}),
                "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
            }
        return out

    def corners(self, index: int, size: int) -> np.ndarray:
        """(n, 4): left, top, right, bottom of a picture's boxes, in pixels of its letterbox of ``size``."""
        row = self.rows[index]
        width, height = row.size
        place = placement(height, width, size)
        boxes = np.array(row.boxes, np.float32).reshape(-1, 4)
        x, y, w, h = boxes.T
        edges = (
            *(place.left + x * place.width, place.top + y * place.height),
            *(place.left + (x + w) * place.width, place.top + (y + h) * place.height),
        )
        return np.stack(edges, 1)


def read_pictures(folder: Path, size: int, progress: bool) -> Pictures:
    """Reads ``fracatlas``, ``boxes`` and ``multi-region`` below ``folder``.

    A picture that can't be read is reported and left out. Raises TrainingError with the path of what is
    missing.
    """
    rows = [
        *_fracatlas(folder / FRACATLAS),
        *_boxes(folder / BOXES),
        *_multi_region(folder / MULTI_REGION),
    ]
    non_radiographs = not_radiographs()
    rows = _joined([row for row in rows if row.sha256 not in non_radiographs], folder)
    return _read(rows, size, progress)


def film_rows(folder: Path) -> list[Row]:
    """The pictures of ``read_pictures`` outside multi-region, as rows of a data set of bones."""
    rows = [*_fracatlas(folder / FRACATLAS), *_boxes(folder / BOXES)]
    return [
        Row(row.path, int(row.fractured), row.sha256, f"{row.collection} {row.group}")
        for row in rows
    ]


def _fracatlas(folder: Path) -> list[Picture]:
    boxes = _boxes_of(folder)
    return [
        Picture(
            picture.path,
            FRACATLAS,
            picture.sha256,
            picture.fractured,
            picture.group,
            picture.sha256[:16],
            boxes=boxes.get(picture.path.relative_to(folder).as_posix(), ()),
            marks=picture.marks,
        )
        for picture in read_folder(folder)
    ]


def _boxes(folder: Path) -> list[Picture]:
    path = folder / "manifest.csv"
    boxes = _boxes_of(folder)
    return [
        Picture(
            folder / row["path"],
            BOXES,
            row["sha256"],
            True,
            row["group_id"],
            row["sha256"][:16],
            boxes=boxes.get(row["path"], ()),
        )
        for row in read_table(path, ("path", "group_id", "sha256"))
    ]


def _multi_region(folder: Path) -> list[Picture]:
    return [
        Picture(
            row.path,
            MULTI_REGION,
            row.sha256,
            row.label == 1,
            row.group,
            row.sha256[:16],
            measured=row.usable,
        )
        for row in read_bones(folder)
        if row.trainable
    ]


def _boxes_of(folder: Path) -> dict[str, Boxes]:
    """Path below the folder → its boxes. Raises TrainingError if a box is invalid or outside its
    picture.
    """
    path = folder / "boxes.csv"
    found: dict[str, Boxes] = {}
    for row in read_table(path, ("path", *_BOX)):
        try:
            x, y, width, height = (float(row[name]) for name in _BOX)
        except ValueError:
            raise TrainingError(
                f"{path} has a box of {row['path']} that isn't four numbers."
            ) from None
        box = (x - width / 2, y - height / 2, width, height)
        if not (_within(box[0], width) and _within(box[1], height)):
            raise TrainingError(f"{path} has a box of {row['path']} that is not in its picture.")
        found[row["path"]] = (*found.get(row["path"], ()), box)
    return found


def _within(start: float, length: float) -> bool:
    """Whether a span along one axis, in fractions of the picture's side, lies in the picture."""
    return start >= -_ROUNDED and length > 0 and start + length <= 1 + _ROUNDED


def _joined(rows: list[Picture], folder: Path) -> list[Picture]:
    """The rows with groups that hold over all collections."""
    own = [replace(row, group=f"{row.collection} {row.group}") for row in rows]
    groups = joined_groups(own, folder)
    return [replace(row, group=group) for row, group in zip(own, groups, strict=True)]


def _read(rows: list[Picture], size: int, progress: bool) -> Pictures:
    spec = Preprocessing(size=size)
    kept, pixels = [], []
    bar: Iterable[Picture] = tqdm(rows, desc="reading", unit="picture", disable=not progress)
    for row in bar:
        try:
            radiograph = read_radiograph(row.path.read_bytes(), row.path.name)
        except RefusedFile as error:
            logger.warning("left out: %s", error)
            continue
        except OSError as error:
            logger.warning("left out: %s: %s.", row.path, error.strerror)
            continue
        height, width = radiograph.pixels.shape
        kept.append(replace(row, size=(width, height)))
        pixels.append(stored(radiograph.pixels, spec))
    if not kept:
        raise TrainingError("None of the pictures can be read.")
    return Pictures(kept, np.stack(pixels))
