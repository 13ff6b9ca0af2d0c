"""Held-out radiographs with the activation maps of the top class and of its rival."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.classify import calibrated
from classifier.labels import CLASSES
from classifier.percentages import percent
from classifier.preprocess import Preprocessing, letterboxed
from classifier.radiograph import read_radiograph
from training.datasets.fracture_types import read_rows
from training.page.pictures import Shown, figure
from training.storage.files import read_arrays

EACH = 2  # right and wrong examples of each class: the most confident ones say the most
_SIDE = 200
_HEAT = np.array([255, 122, 0], np.float32)


@dataclass(frozen=True)
class Example:
    """A held-out picture. ``maps`` (2, h, w): evidence for the two most probable classes, in logits."""

    sha256: str
    label: int
    probabilities: np.ndarray
    maps: np.ndarray

    @property
    def top(self) -> int:
        return int(self.probabilities.argmax())

    @property
    def rival(self) -> int:
        return int(np.argsort(-self.probabilities)[1])


def most_confident(run: Path, temperature: float) -> tuple[list[Example], list[Example]]:
    """The most confident right and wrong predictions of each true class, of the first repeat."""
    found = sorted(_examples(run, temperature), key=lambda example: -example.probabilities.max())
    right, wrong = [], []
    for label in range(len(CLASSES)):
        those = [example for example in found if example.label == label]
        right += [example for example in those if example.top == label][:EACH]
        wrong += [example for example in those if example.top != label][:EACH]
    return right, wrong


def figures(examples: list[Example], data: Path) -> list[str]:
    """Each example as HTML: the radiograph, and both maps laid over it. Missing files are left out."""
    paths = {row.sha256[:16]: row.path for row in read_rows(data / "bone-break")}
    return [
        _figure(example, paths[example.sha256])
        for example in examples
        if example.sha256 in paths and paths[example.sha256].is_file()
    ]


def _examples(run: Path, temperature: float) -> Iterator[Example]:
    for path in sorted(run.glob("repeat-0-fold-*.npz")):
        held = read_arrays(path)
        names = ("types_ids", "types_labels", "types_logits", "maps")
        ids, labels, logits, maps = (held[name] for name in names)
        for map_pair in zip(ids, labels, calibrated(logits, temperature), maps, strict=True):
            yield Example(
                str(map_pair[0]), int(map_pair[1]), map_pair[2], map_pair[3].astype(np.float32)
            )


def _figure(example: Example, path: Path) -> str:
    grey = letterboxed(
        read_radiograph(path.read_bytes(), path.name).pixels, Preprocessing(size=_SIDE)
    )
    peak = max(float(example.maps.max()), 1e-6)  # one scale for both, so that they can be compared
    shown = [Shown(np.round(grey * 255).astype(np.uint8), (f"is {_name(example.label)}",))]
    for label, evidence in zip((example.top, example.rival), example.maps, strict=True):
        sentence = f"{_name(label)} {percent(example.probabilities[label])}"
        shown.append(Shown(_overlaid(grey, evidence / peak), (sentence,)))
    return figure(shown)


def _overlaid(grey: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """(S, S) grey 0..1 and (h, w) evidence up to 1 → (S, S, 3) uint8. Negative evidence is not shown."""
    positive = Image.fromarray(np.maximum(evidence, 0))
    share = np.asarray(positive.resize(grey.shape[::-1], Image.Resampling.BICUBIC))
    share = 0.65 * np.clip(share, 0, 1)[..., None]
    blended: np.ndarray = grey[..., None] * 255 * (1 - share) + _HEAT * share
    return np.round(blended).astype(np.uint8)


def _name(label: int) -> str:
    return CLASSES[label].replace("_", " ")
