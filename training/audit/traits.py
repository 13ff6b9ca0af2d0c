"""Everything that the audit needs to know of each picture, computed while reading it once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from classifier.radiograph import RefusedFile, read_radiograph
from training.audit.frozen import COPY_SIZE, SIZE, augmented, oriented_features, plain_features
from training.audit.keypoints import LONGEST, MOST, Keypoints, find_keypoints, shrunk
from training.audit.marks import find_marks
from training.audit.store import Arrays, Store
from training.datasets.layout import Picture

_TOGETHER = 32  # pictures in a stored file, which is what a kill may cost
_VERSION = 1  # of the stored arrays; raise it when the code that computes them changes


@dataclass(frozen=True)
class Trait:
    """One readable picture.

    ``small``: (h, w) uint8, the longer side 256. ``oriented``: (8, 1280), features of its eight orientations.
    ``plain``, ``copy``: (1280,), features of the picture and of an augmented copy. ``area``: pixels of the
    file.
    """

    picture: Picture
    sha256: str
    area: int
    small: np.ndarray
    keypoints: Keypoints
    oriented: np.ndarray
    plain: np.ndarray
    copy: np.ndarray
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Unreadable:
    """A file that can't be read, and the reason in a sentence."""

    picture: Picture
    reason: str


def read_traits(
    folder: Path, pictures: list[Picture], store: Store, seed: int, progress: bool
) -> tuple[list[Trait], list[Unreadable]]:
    """Reads every picture once. Pictures that an earlier run has read are not read again."""
    traits: list[Trait] = []
    unreadable: list[Unreadable] = []
    bar = tqdm(total=len(pictures), desc="looking", unit="picture", disable=not progress)
    with bar:
        for start in range(0, len(pictures), _TOGETHER):
            part = pictures[start : start + _TOGETHER]
            hashes = [_sha256(folder / picture.path) for picture in part]
            known = [
                _VERSION,
                SIZE,
                COPY_SIZE,
                LONGEST,
                MOST,
                seed,
                [picture.path for picture in part],
                hashes,
            ]
            held = store.get("looks", known, lambda part=part: _compute_traits(folder, part, seed))  # type: ignore[misc]
            for picture in _unpacked(part, hashes, held):
                (traits if isinstance(picture, Trait) else unreadable).append(picture)  # type: ignore[arg-type]
            bar.update(len(part))
    return traits, unreadable


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _compute_traits(folder: Path, pictures: list[Picture], seed: int) -> Arrays:
    """The stored form: lists of different lengths one after the other, with their lengths."""
    reasons, areas, marks, smalls, copies = [], [], [], [], []
    for path in (folder / picture.path for picture in pictures):
        try:
            data = path.read_bytes()
            pixels = read_radiograph(data, path.name).pixels
        except (RefusedFile, OSError) as error:
            reasons.append(str(error))
            continue
        rng = np.random.default_rng([seed, int(hashlib.sha256(data).hexdigest()[:12], 16)])
        reasons.append("")
        areas.append(pixels.size)
        marks.append(" ".join(find_marks(pixels, data)))
        smalls.append(shrunk(pixels))
        copies.append(augmented(smalls[-1], rng))
    keys = [find_keypoints(small) for small in smalls]
    return {
        "reasons": np.array(reasons, np.str_),
        "areas": np.array(areas, np.int64),
        "marks": np.array(marks, np.str_),
        "shapes": np.array([small.shape for small in smalls], np.int64).reshape(-1, 2),
        "smalls": _joined([small.ravel() for small in smalls], (0,), np.uint8),
        "lengths": np.array([len(keypoints) for keypoints in keys], np.int64),
        "points": _joined([keypoints.points for keypoints in keys], (0, 2), np.float32),
        "descriptors": _joined([keypoints.descriptors for keypoints in keys], (0, 128), np.uint8),
        "seen": oriented_features(smalls),  # the keys of stored arrays keep their older names
        "plain": plain_features(smalls),
        "copies": plain_features(copies),
    }


def _joined(parts: list[np.ndarray], empty: tuple[int, ...], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(empty, kind)


def _unpacked(
    pictures: list[Picture], hashes: list[str], held: Arrays
) -> Iterator[Trait | Unreadable]:
    ends = iter(_spans(np.prod(held["shapes"], axis=1)))
    keys = iter(_spans(held["lengths"]))
    index = 0
    for picture, sha256, reason in zip(pictures, hashes, held["reasons"], strict=True):
        if reason:
            yield Unreadable(picture, str(reason))
            continue
        small = held["smalls"][next(ends)].reshape(held["shapes"][index])
        span = next(keys)
        yield Trait(
            picture,
            sha256,
            int(held["areas"][index]),
            small,
            Keypoints(held["points"][span], held["descriptors"][span]),
            held["seen"][index],
            held["plain"][index],
            held["copies"][index],
            tuple(str(held["marks"][index]).split()),
        )
        index += 1


def _spans(lengths: np.ndarray) -> list[slice]:
    ends = np.cumsum(lengths, dtype=np.int64)
    return [slice(int(end - length), int(end)) for length, end in zip(lengths, ends, strict=True)]
