"""The outputs of the frozen first blocks for augmented views of each picture, computed once, kept on disk.

The frozen blocks are never trained, and a view doesn't depend on class or fold. Without this store, every
member of every split would compute the same maps. Each picture has as many views as the configuration says.
Each member shows them in an order of its own: an epoch shows the next view of each of its pictures.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from tqdm import tqdm

from classifier.network import FractureNetwork
from training.datasets.dataset import Dataset
from training.fitting.augment import augment, recompressed
from training.fitting.run import VIEWS, ClassifierRun
from training.networks.device import normalised
from training.storage.atomic import atomic_file
from training.storage.files import damaged

VERSION = 1  # of how a view is made; part of the folder's name, so that old views are not used
_BATCH = 32


@dataclass(frozen=True)
class AugmentedViews:
    """``maps``: one array (N, C, h, w) float16 for each view, memory-mapped from its file."""

    maps: list[np.ndarray]

    @classmethod
    def of(cls, run: ClassifierRun, name: str, trunk: FractureNetwork) -> Self:
        """The views of the data set ``name``; those that aren't on disk yet are computed and kept.

        A killed run therefore continues, and several processes share the work. Raises TrainingError where
        a file is damaged.
        """
        dataset: Dataset = getattr(run.data, name)
        count = run.config.views
        folder = run.folder / VIEWS / name / _key(dataset)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{number:03}.npy" for number in range(count)]
        first = os.getpid() % count  # processes that share a run begin at different views
        bar = tqdm(
            [*range(first, count), *range(first)],
            desc=f"views of {name}",
            unit="view",
            disable=not run.progress,
        )
        for number in bar:
            if not paths[number].exists():
                _keep(_view(run, trunk, dataset, number), paths[number])
        return cls([_read(path, len(dataset)) for path in paths])

    def __call__(self, rows: np.ndarray, views: np.ndarray) -> torch.Tensor:
        """(n,) rows and the view of each → (n, C, h, w) float32."""
        maps = np.stack([self.maps[view][row] for row, view in zip(rows, views, strict=True)])
        found = torch.from_numpy(maps.astype(np.float32))
        return found.contiguous(memory_format=torch.channels_last)

    def order(self, pictures: int, seed: int) -> np.ndarray:
        """(pictures, views): the order in which a member sees the views of each picture."""
        rng = np.random.default_rng(seed)
        return rng.permuted(np.tile(np.arange(len(self.maps)), (pictures, 1)), axis=1)


def _key(dataset: Dataset) -> str:
    """Identifies the pictures and their order: a view finds a picture by its row."""
    hashes = [row.sha256 for row in dataset.rows]
    return hashlib.sha256("\n".join([str(VERSION), *hashes]).encode()).hexdigest()[:16]


@torch.inference_mode()
def _view(run: ClassifierRun, trunk: FractureNetwork, dataset: Dataset, number: int) -> np.ndarray:
    """(N, C, h, w) float16; equal seeds and numbers give equal views."""
    config, device = run.config, run.device
    seed = int(np.random.SeedSequence([config.seed, number]).generate_state(1)[0])
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    found = []
    for start in range(0, len(dataset), _BATCH):
        pixels = recompressed(dataset.pixels[start : start + _BATCH], rng)
        images = augment(device.images(pixels, config.size), generator)
        found.append(trunk.trunk(normalised(images)).half().cpu().numpy())
    return np.concatenate(found)


def _keep(view: np.ndarray, path: Path) -> None:
    with atomic_file(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, view)


def _read(path: Path, pictures: int) -> np.ndarray:
    try:
        view = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise damaged(path) from None
    if view.ndim != 4 or len(view) != pictures:
        raise damaged(path)
    return view
