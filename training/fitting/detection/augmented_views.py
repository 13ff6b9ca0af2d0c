"""The outputs of the detector's frozen trunk for augmented views: computed once, kept on disk."""

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
from training.detector_config import DetectorConfig
from training.fitting.detection.augment import View, augmented
from training.fitting.run import DETECTOR_VIEWS, DetectorRun
from training.networks.device import Device, normalised
from training.storage.atomic import atomic_file, save_arrays
from training.storage.files import damaged, read_arrays

VERSION = 1  # of how a view is made; part of the folder's name, so that old views are not used
_BATCH = 16


class Batch(NamedTuple):
    """``maps`` (n, C, h, w) float32: the output of ``DetectorNetwork.trunk``; for a detector that is trained
    end to end the pictures themselves, (n, 3, S, S). ``corners``: for each picture the (m, 4) left, top,
    right, bottom of its boxes in pixels of the input. ``known`` (n,) bool: see
    ``fitting.detection.augment.View``. ``close``, ``elsewhere`` (n,) bool: see
    ``fitting.detection.placed.Placed``; None if there are no close-ups.
    """

    maps: torch.Tensor
    corners: list[np.ndarray]
    known: np.ndarray
    close: np.ndarray | None = None
    elsewhere: np.ndarray | None = None


@dataclass(frozen=True)
class DetectorViews:
    """``counts`` (N,): the number of views of each picture.

    For each view v: ``places[v]`` (N,) is a picture's place in the file of v, which holds the pictures with
    more than v views. ``maps[v]`` is memory-mapped from that file. ``corners[v]`` and ``known[v]`` belong to
    its pictures.
    """

    counts: np.ndarray
    places: list[np.ndarray]
    maps: list[np.ndarray]
    corners: list[list[np.ndarray]]
    known: list[np.ndarray]

    @classmethod
    def of(cls, run: DetectorRun, network: DetectorNetwork) -> Self:
        """The views of the run's pictures; those that aren't on disk yet are computed and kept.

        A killed run therefore continues, and several processes share the work. Raises TrainingError where
        a file is damaged.
        """
        counts = view_counts(run.data, run.recipe)
        folder = run.folder / DETECTOR_VIEWS / _key(run)
        folder.mkdir(parents=True, exist_ok=True)
        numbers = range(int(counts.max()))
        first = os.getpid() % len(numbers)  # processes that share a run begin at different views
        bar = tqdm(
            [*numbers[first:], *numbers[:first]],
            desc="views of the detector",
            unit="view",
            disable=not run.progress,
        )
        for number in bar:
            stem = folder / f"{number:03}"
            if not stem.with_suffix(".npz").exists():
                _keep_view(run, network, stem, np.flatnonzero(counts > number))
        return cls(counts, *_read(folder, counts))

    def __call__(self, rows: np.ndarray, views: np.ndarray) -> Batch:
        """(n,) rows and the view of each."""
        pairs = [
            (int(view), int(self.places[view][row])) for row, view in zip(rows, views, strict=True)
        ]
        maps = np.stack([self.maps[view][place] for view, place in pairs])
        return Batch(
            torch.from_numpy(maps.astype(np.float32)).contiguous(memory_format=torch.channels_last),
            [self.corners[view][place] for view, place in pairs],
            np.array([self.known[view][place] for view, place in pairs], bool),
        )


def view_counts(pictures: Pictures, recipe: DetectorConfig) -> np.ndarray:
    """(N,): the number of views of each picture.

    A healthy picture has fewer, because an epoch shows only some of the many healthy pictures.
    """
    return np.where(pictures.fractured, recipe.views, recipe.healthy_views)


def view_of(pictures: Pictures, row: int, number: int, seed: int) -> View:
    """View ``number`` of a picture. It depends on the picture's content and not on its row."""
    own = int(pictures.rows[row].sha256[:12], 16)
    rng = np.random.default_rng([seed, number, own])
    size = pictures.pixels.shape[-1]
    hide = bool(pictures.boxed[row]) or not pictures.fractured[row]
    return augmented(pictures.pixels[row], pictures.corners(row, size), rng, hide)


def _keep_view(run: DetectorRun, network: DetectorNetwork, stem: Path, rows: np.ndarray) -> None:
    """Writes the maps, ``stem.npy``, and then ``stem.npz``, which says that the maps are whole."""
    number, maps_file = int(stem.name), stem.with_suffix(".npy")
    size, stored_size = run.recipe.size, run.data.pixels.shape[-1]
    corners, known = [], []
    file: np.memmap | None = None
    with atomic_file(maps_file) as unfinished:
        for start in range(0, len(rows), _BATCH):
            views = [
                view_of(run.data, int(row), number, run.config.seed)
                for row in rows[start : start + _BATCH]
            ]
            pixels = torch.from_numpy(np.stack([view.pixels for view in views]))[:, None]
            maps = _trunk(network, pixels, size, run.device)
            if file is None:
                shape = (len(rows), *maps.shape[1:])
                file = np.lib.format.open_memmap(unfinished, "w+", np.float16, shape)
            file[start : start + len(views)] = maps
            corners += [view.corners * (size / stored_size) for view in views]
            known += [view.known for view in views]
        del file  # closes the memory map, which writes the rest
    stored = {
        "corners": np.concatenate(corners),
        "counts": np.array([len(boxes) for boxes in corners]),
        "known": np.array(known, bool),
    }
    save_arrays(stem.with_suffix(".npz"), stored)


@torch.inference_mode()
def _trunk(network: DetectorNetwork, pixels: torch.Tensor, size: int, device: Device) -> np.ndarray:
    """(n, 1, S, S) of 0..1 → (n, C, h, w) float16."""
    images = functional.interpolate(pixels.to(device.kind), size, mode="bilinear", antialias=True)
    found: np.ndarray = network.trunk(normalised(images)).half().cpu().numpy()
    return found


def _key(run: DetectorRun) -> str:
    """Identifies what the views depend on: pictures in their order, boxes, sizes, seed, backbone."""
    recipe = run.recipe
    lines = [
        f"{VERSION} {run.config.seed} {recipe.size} {recipe.stored_size} {recipe.views} "
        f"{recipe.healthy_views}"
    ]
    lines += [f"{picture.sha256} {picture.boxes}" for picture in run.data.rows]
    # Left out for ImageNet's weights: the keys of runs from before there were others stay valid.
    if run.backbone is not None:
        lines.append(json.dumps(run.backbone.as_dict(), sort_keys=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _read(
    folder: Path, counts: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray], list[list[np.ndarray]], list[np.ndarray]]:
    places, maps, corners, known = [], [], [], []
    for number in range(int(counts.max())):
        here = counts > number
        path = folder / f"{number:03}.npz"
        stored = read_arrays(path)
        view = _map(path.with_suffix(".npy"))
        try:
            ends = np.cumsum(stored["counts"])
            split = np.split(stored["corners"], ends[:-1])
            own = stored["known"]
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
