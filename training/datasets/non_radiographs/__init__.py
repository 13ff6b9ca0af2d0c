"""Pictures that are no bone radiographs, so that a release can learn to refuse them.

Real ones where a licence lets us have them, drawn ones where not: photographs that come with
scikit-image and scikit-learn, the CT, MR and chest pictures of a folder of your own, and drawn
documents, slices, chests and noise. ``source`` is what a held-out test must leave out together.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classifier.assessability import KINDS
from classifier.preprocess import Preprocessing, stored
from training.datasets.dataset import Dataset, Row
from training.datasets.non_radiographs.collected import collected_pictures, photographs
from training.datasets.non_radiographs.documents import documents
from training.datasets.non_radiographs.noise import noise
from training.datasets.non_radiographs.phantoms import chests, slices
from training.datasets.not_radiographs import not_radiographs


@dataclass(frozen=True)
class NonRadiograph:
    """``pixels`` (H, W) uint8; ``kind`` one of KINDS but "bone". ``part``: it is a part of the picture that
    came before it, which is learnt from and not measured on.
    """

    pixels: np.ndarray
    kind: str
    source: str
    part: bool = False


def non_radiographs_dataset(
    folders: list[Path], found: list[list[NonRadiograph]], size: int, each: int, seed: int
) -> Dataset:
    """Letterboxed as ``training.datasets.dataset.load`` does; a row's group is its source.

    ``folders``: with subfolders named like KINDS, or holding DICOM files whose headers tell; a missing
    one is no error. ``found``: more pictures that somebody took. ``each``: views of those that nobody drew,
    and what the numbers of drawn ones go by.
    """
    rng = np.random.default_rng(seed)
    spec = Preprocessing(size=size)
    rows, pixels = [], []
    for picture in _pictures(folders, found, each, rng):
        digest = hashlib.sha256(picture.pixels.tobytes()).hexdigest()
        label, path = KINDS.index(picture.kind), Path(picture.source)
        rows.append(Row(path, label, digest, picture.source, usable=not picture.part))
        pixels.append(stored(picture.pixels, spec))
    return Dataset(rows, np.stack(pixels), KINDS)


def non_radiographs_in(dataset: Dataset) -> list[NonRadiograph]:
    """What was found by eye in a collection to be no radiograph, by the groups that it has there."""
    kinds = not_radiographs()
    return [
        NonRadiograph(pixels, kinds[row.sha256], row.group)
        for row, pixels in zip(dataset.rows, dataset.pixels, strict=True)
        if row.sha256 in kinds
    ]


def _pictures(
    folders: list[Path], found: list[list[NonRadiograph]], each: int, rng: np.random.Generator
) -> Iterator[NonRadiograph]:
    for grey, source in photographs():
        kind = "document" if source in ("page", "text") else "photograph"
        yield from _views(NonRadiograph(grey, kind, source), rng, each, least=0.4)
    for folder in folders:
        for grey, kind, source in collected_pictures(folder):
            yield from _views(NonRadiograph(grey, kind, source), rng, each, least=0.75)
    for those in found:
        for picture in those:
            yield from _views(picture, rng, each, least=0.75)
    drawn = {"document": documents, "blank": noise, "slice": slices, "chest": chests}
    for kind, draw in drawn.items():
        for grey, source in draw(rng, each):
            yield NonRadiograph(grey, kind, source)


def _views(
    picture: NonRadiograph, rng: np.random.Generator, views: int, least: float
) -> Iterator[NonRadiograph]:
    """The picture, then parts of it: at least the share ``least`` of each side, some mirrored. Sources
    are few, and a part of a photograph is one.
    """
    yield picture
    height, width = picture.pixels.shape
    for _ in range(views - 1):
        h, w = (int(side * rng.uniform(least, 1)) for side in (height, width))
        top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
        part = picture.pixels[top : top + h, left : left + w]
        turned = np.ascontiguousarray(part[:, ::-1] if rng.random() < 0.5 else part)
        yield replace(picture, pixels=turned, part=True)
