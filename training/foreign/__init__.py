"""Pictures that are no bone radiographs, so that a release can learn to refuse them.

Real ones where a licence lets us have them, drawn ones where not: photographs that come with
scikit-image and scikit-learn, the CT, MR and chest pictures of a folder of your own, and drawn
documents, slices, chests and noise. ``source`` is what a held-out test must leave out together.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.assessability import KINDS
from classifier.preprocess import Preprocessing, letterboxed
from training.data import Dataset, Row
from training.foreign.collected import collected_pictures, photographs
from training.foreign.documents import documents
from training.foreign.noise import noise
from training.foreign.phantoms import chests, slices


@dataclass(frozen=True)
class ForeignPicture:
    """``pixels`` (H, W) uint8; ``kind`` one of KINDS but "bone"."""

    pixels: np.ndarray
    kind: str
    source: str


def foreign_pictures(folders: list[Path], each: int, seed: int) -> Iterator[ForeignPicture]:
    """All there are. ``folders``: with subfolders named like KINDS, or holding DICOM files whose
    headers tell; a missing one is no error. ``each``: views of a photograph, and what the numbers of
    drawn pictures go by.
    """
    rng = np.random.default_rng(seed)
    for pixels, source in photographs(rng, each):
        kind = "document" if source in ("page", "text") else "photograph"
        yield ForeignPicture(pixels, kind, source)
    for folder in folders:
        for pixels, kind, source in collected_pictures(folder, rng, each):
            yield ForeignPicture(pixels, kind, source)
    drawn = {"document": documents, "blank": noise, "slice": slices, "chest": chests}
    for kind, draw in drawn.items():
        for pixels, source in draw(rng, each):
            yield ForeignPicture(pixels, kind, source)


def foreign_dataset(folders: list[Path], size: int, each: int, seed: int) -> Dataset:
    """Letterboxed as ``training.data.load`` does; a row's group is its source."""
    spec = Preprocessing(size=size)
    rows, pixels = [], []
    for found in foreign_pictures(folders, each, seed):
        digest = hashlib.sha256(found.pixels.tobytes()).hexdigest()
        rows.append(Row(Path(found.source), KINDS.index(found.kind), digest, found.source))
        pixels.append(np.round(letterboxed(found.pixels, spec) * 255).astype(np.uint8))
    return Dataset(rows, np.stack(pixels), KINDS)
