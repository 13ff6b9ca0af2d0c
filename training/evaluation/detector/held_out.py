"""What ``fit`` leaves of each detector: ``detector-SPLIT.npz``, about the pictures that were held out.

Maps and true boxes stay in the run's folder. A release contains only the outcomes
(``training.evaluation.detector.scores``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.assessability import KINDS
from classifier.preprocess import Placement
from training.datasets.collections import COLLECTIONS
from training.errors import TrainingError
from training.fitting.detection.splits import DETECTOR_SPLITS, PREFIX
from training.fitting.detection.targets import STRIDE
from training.storage.files import damaged, read_arrays, read_json

MARKS = (
    *("hand", "leg", "hip", "shoulder"),
    "hardware",
    *("frontal", "lateral", "oblique"),
)
_OF_PICTURES = (
    *("ids", "collections", "groups", "radiographs", "measured", "labels", "sizes"),
    *("fracture", "heat", "extent", "places"),
    *(f"marks_{name}" for name in MARKS),
)


@dataclass(frozen=True)
class HeldOut:
    """The N held-out pictures of one split: the arrays that ``fit`` wrote, by their names.

    ``boxes`` (M, 5): a picture's index, then x, y (upper left corner), width and height of a true box, in
    fractions of the picture.
    """

    split: str
    arrays: dict[str, np.ndarray]

    @classmethod
    def read(cls, path: Path) -> "HeldOut":
        """Raises TrainingError if the file isn't there, is damaged, or lacks what ``fit`` writes."""
        arrays = read_arrays(path)
        count = len(arrays.get("ids", ()))
        for name in _OF_PICTURES:
            if len(arrays.get(name, ())) != count:
                raise damaged(path)
        arrays.setdefault("kinds", np.full((count, len(KINDS)), np.nan))
        boxes = arrays.get("boxes")
        if boxes is None or boxes.size % 5 or not np.isin(arrays["collections"], COLLECTIONS).all():
            raise damaged(path)
        arrays["boxes"] = boxes.reshape(-1, 5).astype(float)
        return cls(path.stem.removeprefix(PREFIX), arrays)

    def __len__(self) -> int:
        return len(self.arrays["ids"])

    @property
    def marks(self) -> dict[str, np.ndarray]:
        """Name → (N,) bool."""
        return {name: self.arrays[f"marks_{name}"].astype(bool) for name in MARKS}

    @property
    def size(self) -> int:
        """Side of the detector's square input, in pixels."""
        return int(self.arrays["heat"].shape[-1]) * STRIDE

    def place(self, picture: int) -> Placement:
        return Placement(*(int(value) for value in self.arrays["places"][picture]))

    def true_boxes(self, picture: int) -> np.ndarray:
        """(K, 4): x, y, width and height of one picture's boxes, in fractions of the picture."""
        boxes = self.arrays["boxes"]
        found: np.ndarray = boxes[boxes[:, 0] == picture, 1:]
        return found


def held_out_splits(run: Path) -> Iterator[HeldOut]:
    """Every split that holds out pictures, ordered by name.

    The names come from the list that ``fit`` wrote and not from the files: an additional file would count its
    pictures twice. Raises TrainingError if no detector was trained, or a split is missing or damaged.
    """
    paths = [run / f"{name}.npz" for name in sorted(_names(run))]
    for path in paths:
        if not path.is_file():  # figures without this fold would be of fewer pictures than they say
            raise TrainingError(f"The run in {run} is unfinished: {path.stem} is not trained yet.")
    for path in paths:
        held_out = HeldOut.read(path)
        if len(held_out):
            yield held_out


def _names(run: Path) -> list[str]:
    path = run / DETECTOR_SPLITS
    if not path.is_file():
        raise TrainingError(f"The run in {run} is unfinished: no detector is trained yet.")
    names = read_json(path)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise damaged(path)
    return names
