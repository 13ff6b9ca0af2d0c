"""Non-radiographs: pictures that a release is trained to refuse.

Real ones where a licence allows it, else drawn ones: photographs that come with scikit-image and
scikit-learn, the CT, MR and chest pictures of the user's folders, and drawn documents, slices, chests and
noise. Pictures with one ``source`` are held out together.
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
    """``pixels`` (H, W) uint8. ``kind``: one of KINDS except "bone".

    ``part``: it is a part of the picture before it, which is trained on and not measured on.
    """

    pixels: np.ndarray
    kind: str
    source: str
    part: bool = False


def non_radiographs_dataset(
    folders: list[Path], found: list[list[NonRadiograph]], size: int, count: int, seed: int
) -> Dataset:
    """All non-radiographs, letterboxed as by ``load``. The group of a row is its source.

    ``folders``: each may hold subfolders named like KINDS, or DICOM files whose headers give the kind; a
    missing folder is not an error. ``found``: non-radiographs of the collections. ``count``: number of views
    of each real picture; the numbers of drawn pictures are multiples of it.
    """
    rng = np.random.default_rng(seed)
    spec = Preprocessing(size=size)
    rows, pixels = [], []
    for picture in _pictures(folders, found, count, rng):
        digest = hashlib.sha256(picture.pixels.tobytes()).hexdigest()
        label, path = KINDS.index(picture.kind), Path(picture.source)
        rows.append(Row(path, label, digest, picture.source, usable=not picture.part))
        pixels.append(stored(picture.pixels, spec))
    return Dataset(rows, np.stack(pixels), KINDS)


def non_radiographs_in(dataset: Dataset) -> list[NonRadiograph]:
    """The pictures of a data set that are listed as non-radiographs, with their groups there."""
    kinds = not_radiographs()
    return [
        NonRadiograph(pixels, kinds[row.sha256], row.group)
        for row, pixels in zip(dataset.rows, dataset.pixels, strict=True)
        if row.sha256 in kinds
    ]


def _pictures(
    folders: list[Path], found: list[list[NonRadiograph]], count: int, rng: np.random.Generator
) -> Iterator[NonRadiograph]:
    for grey, source in photographs():
        kind = "document" if source in ("page", "text") else "photograph"
        yield from _views(NonRadiograph(grey, kind, source), rng, count, least=0.4)
    for folder in folders:
        for grey, kind, source in collected_pictures(folder):
            yield from _views(NonRadiograph(grey, kind, source), rng, count, least=0.75)
    for those in found:
        for picture in those:
            yield from _views(picture, rng, count, least=0.75)
    drawn = {"document": documents, "blank": noise, "slice": slices, "chest": chests}
    for kind, draw in drawn.items():
        for grey, source in draw(rng, count):
            yield NonRadiograph(grey, kind, source)


def _views(
    picture: NonRadiograph, rng: np.random.Generator, views: int, least: float
) -> Iterator[NonRadiograph]:
    """The picture, then parts of it that span at least the share ``least`` of each side, some mirrored.

    There are few sources, and a part of a photograph is a photograph.
    """
    yield picture
    height, width = picture.pixels.shape
    for _ in range(views - 1):
        h, w = (int(side * rng.uniform(least, 1)) for side in (height, width))
        top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
        part = picture.pixels[top : top + h, left : left + w]
        turned = np.ascontiguousarray(part[:, ::-1] if rng.random() < 0.5 else part)
        yield replace(picture, pixels=turned, part=True)
