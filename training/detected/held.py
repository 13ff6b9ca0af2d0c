"""What ``fit`` leaves of a detector that it trained: ``detector-PART.npz``, of pictures that were held out.

Maps and true boxes stay in the run's folder. A release gets the outcomes alone
(``training.detected.scores``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.assessability import KINDS
from classifier.preprocess import Placement
from training.errors import TrainingError
from training.files import damaged, read_arrays, read_json

PREFIX, FOLD_PARTS = "detector-", "repeat-"
DETECTOR_PARTS = "detector-parts.json"  # the names of all that a run trains
WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION = "without-fracatlas", "without-multi-region"
FRACATLAS, BOXES, MULTI_REGION = COLLECTIONS = ("fracatlas", "boxes", "multi-region")
MARKS = (
    *("hand", "leg", "hip", "shoulder"),
    "hardware",
    *("frontal", "lateral", "oblique"),
)
STRIDE = 8  # pixels of the detector's input a cell of its maps; ``places`` are in these pixels
_OF_PICTURES = (
    *("ids", "collections", "groups", "radiographs", "measured", "labels", "sizes"),
    *("fracture", "heat", "extent", "places"),
    *(f"marks_{name}" for name in MARKS),
)


@dataclass(frozen=True)
class Held:
    """One part's N held-out pictures: what ``fit`` wrote, by the names it wrote it under.

    ``boxes`` (M, 5): a picture's index, then x, y (upper left corner), width and height of a true box, in
    fractions of the picture.
    """

    part: str
    arrays: dict[str, np.ndarray]

    @classmethod
    def read(cls, path: Path) -> "Held":
        """Raises TrainingError where the file isn't there, is damaged, or lacks what ``fit`` writes."""
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
        """Of the detector's square input, in pixels."""
        return int(self.arrays["heat"].shape[-1]) * STRIDE

    def place(self, picture: int) -> Placement:
        return Placement(*(int(value) for value in self.arrays["places"][picture]))

    def true_boxes(self, picture: int) -> np.ndarray:
        """(K, 4): x, y, width and height of one picture's boxes."""
        boxes = self.arrays["boxes"]
        found: np.ndarray = boxes[boxes[:, 0] == picture, 1:]
        return found


def held_parts(run: Path) -> Iterator[Held]:
    """Every part that holds a picture out, in the order of their names; none of a run without a detector.

    Raises TrainingError where one is missing or damaged.
    """
    _refuse_unfinished(run)
    for path in sorted(run.glob(f"{PREFIX}*.npz")):
        held = Held.read(path)
        if len(held):
            yield held


def _refuse_unfinished(run: Path) -> None:
    """Figures of some folds would be of fewer pictures than they say."""
    found = {path.stem for path in run.glob(f"{PREFIX}*.npz")}
    if not found:
        return
    for name in read_json(run / DETECTOR_PARTS):
        if name not in found:
            raise TrainingError(f"The run in {run} is unfinished: {name} is not trained yet.")
