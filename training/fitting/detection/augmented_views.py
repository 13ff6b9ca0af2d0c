"""What the detector's frozen trunk makes of augmented views, computed once for all parts and kept on disk."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from classifier.detector import DetectorNetwork
from training.datasets.detector_pictures import Pictures
from training.detector_config import Recipe
from training.fitting.detection.augment import View, augmented
from training.networks.device import Device, normalised
from training.networks.own_backbone import OwnBackbone
from training.storage.atomic import atomic_file, save_arrays
from training.storage.files import damaged, read_arrays

VERSION = 1  # of how a view is made
_BATCH = 16


class Batch(NamedTuple):
    """``maps``: what ``DetectorNetwork.trunk`` gives, (n, C, h, w) float32. ``corners``: of each
    picture, (m, 4) in pixels of the input. ``known`` (n,) bool: see ``fitting.detection.augment.View``.
    """

    maps: torch.Tensor
    corners: list[np.ndarray]
    known: np.ndarray


@dataclass(frozen=True)
class Views:
    """``counts`` (N,): how many views each picture has. ``place`` (N,): its place in view v's file, among the
    pictures that have more than v views. ``maps``: of each view, mapped from its file. ``corners``,
    ``known``: of each view, of each of its pictures.
    """

    counts: np.ndarray
    places: list[np.ndarray]
    maps: list[np.ndarray]
    corners: list[list[np.ndarray]]
    known: list[np.ndarray]

    @classmethod
    def made(
        cls,
        folder: Path,
        network: DetectorNetwork,
        pictures: Pictures,
        recipe: Recipe,
        seed: int,
        device: Device,
        progress: bool,
        backbone: OwnBackbone | None = None,
    ) -> Self:
        """The views in ``folder`` of these pictures in this order and by this backbone; each that
        isn't there yet is computed and kept, so that a killed run goes on, and several processes share the
        work. Raises TrainingError where one is damaged.
        """
        counts = view_counts(pictures, recipe)
        folder = folder / _key(pictures, recipe, seed, backbone)
        folder.mkdir(parents=True, exist_ok=True)
        numbers = range(int(counts.max()))
        turn = os.getpid() % len(numbers)  # of several processes, each begins at another view
        bar = tqdm(
            [*numbers[turn:], *numbers[:turn]],
            desc="views of the detector",
            unit="view",
            disable=not progress,
        )
        for number in bar:
            stem = folder / f"{number:03}"
            if not stem.with_suffix(".npz").exists():
                rows = np.flatnonzero(counts > number)
                _keep_view(stem, network, pictures, rows, recipe, seed, device)
        return cls(counts, *_read(folder, counts))

    def __call__(self, rows: np.ndarray, views: np.ndarray) -> Batch:
        """(n,) rows, and which view of each."""
        pairs = [
            (int(view), int(self.places[view][row])) for row, view in zip(rows, views, strict=True)
        ]
        maps = np.stack([self.maps[view][place] for view, place in pairs])
        return Batch(
            torch.from_numpy(maps.astype(np.float32)).contiguous(memory_format=torch.channels_last),
            [self.corners[view][place] for view, place in pairs],
            np.array([self.known[view][place] for view, place in pairs], bool),
        )


def view_counts(pictures: Pictures, recipe: Recipe) -> np.ndarray:
    """(N,): healthy pictures are many, and an epoch shows a part of them; so each has fewer views."""
    return np.where(pictures.fractured, recipe.views, recipe.healthy_views)


def view_of(pictures: Pictures, row: int, number: int, seed: int) -> View:
    """View ``number`` of a picture; it depends on the picture, not on its place among others."""
    own = int(pictures.rows[row].sha256[:12], 16)
    rng = np.random.default_rng([seed, number, own])
    size = pictures.pixels.shape[-1]
    hide = bool(pictures.boxed[row]) or not pictures.fractured[row]
    return augmented(pictures.pixels[row], pictures.corners(row, size), rng, hide)


def _keep_view(
    stem: Path,
    network: DetectorNetwork,
    pictures: Pictures,
    rows: np.ndarray,
    recipe: Recipe,
    seed: int,
    device: Device,
) -> None:
    """Writes the maps, ``stem.npy``, and then ``stem.npz``, which says that they are whole."""
    number, whole = int(stem.name), stem.with_suffix(".npy")
    corners, known = [], []
    file: np.memmap | None = None
    with atomic_file(whole) as unfinished:
        for start in range(0, len(rows), _BATCH):
            here = rows[start : start + _BATCH]
            views = [view_of(pictures, int(row), number, seed) for row in here]
            pixels = torch.from_numpy(np.stack([view.pixels for view in views]))[:, None]
            maps = _trunk(network, pixels, recipe.size, device)
            if file is None:
                shape = (len(rows), *maps.shape[1:])
                file = np.lib.format.open_memmap(unfinished, "w+", np.float16, shape)
            file[start : start + len(views)] = maps
            scale = recipe.size / pixels.shape[-1]
            corners += [view.corners * scale for view in views]
            known += [view.known for view in views]
        del file  # which writes what is left
    told = {
        "corners": np.concatenate(corners),
        "counts": np.array([len(each) for each in corners]),
        "known": np.array(known, bool),
    }
    save_arrays(stem.with_suffix(".npz"), told)


@torch.inference_mode()
def _trunk(network: DetectorNetwork, pixels: torch.Tensor, size: int, device: Device) -> np.ndarray:
    """(n, 1, S, S) of 0..1 → (n, C, h, w) float16."""
    images = functional.interpolate(pixels.to(device.kind), size, mode="bilinear", antialias=True)
    found: np.ndarray = network.trunk(normalised(images)).half().cpu().numpy()
    return found


def _key(pictures: Pictures, recipe: Recipe, seed: int, backbone: OwnBackbone | None) -> str:
    said = [
        f"{VERSION} {seed} {recipe.size} {recipe.stored_size} {recipe.views} {recipe.healthy_views}"
    ]
    said += [f"{row.sha256} {row.boxes}" for row in pictures.rows]
    if backbone is not None:  # else the key is as it was before there were own ones
        said.append(json.dumps(backbone.as_dict(), sort_keys=True))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def _read(
    folder: Path, counts: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray], list[list[np.ndarray]], list[np.ndarray]]:
    places, maps, corners, known = [], [], [], []
    for number in range(int(counts.max())):
        here = counts > number
        path = folder / f"{number:03}.npz"
        told = read_arrays(path)
        view = _map(path.with_suffix(".npy"))
        try:
            ends = np.cumsum(told["counts"])
            split = np.split(told["corners"], ends[:-1])
            own = told["known"]
        except (KeyError, ValueError):
            raise damaged(path) from None
        if not len(view) == len(split) == len(own) == here.sum():
            raise damaged(path)
        places.append(np.cumsum(here) - 1)
        maps.append(view)
        corners.append(split)
        known.append(own)
    return places, maps, corners, known


def _map(path: Path) -> np.ndarray:
    try:
        view = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise damaged(path) from None
    if view.ndim != 4:
        raise damaged(path)
    return view
