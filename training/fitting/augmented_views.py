"""What the frozen first blocks make of augmented views of each picture, computed once and kept on disk.

Those blocks never learn, and a view is drawn without regard to class or fold: every member of every part
would compute the same. Each picture has as many views as a recipe says, and each member an order of its own
for them: in an epoch it sees the next one of every picture that the epoch shows.
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
from training.config import Config
from training.datasets.dataset import Dataset
from training.fitting.augment import augment, recompressed
from training.networks.device import Device, normalised
from training.storage.atomic import atomic_file
from training.storage.files import damaged

VERSION = 1  # of how a view is made
_BATCH = 32


@dataclass(frozen=True)
class Views:
    """``maps``: of each view, (N, C, h, w) float16, mapped from its file."""

    maps: list[np.ndarray]

    @classmethod
    def made(
        cls,
        folder: Path,
        trunk: FractureNetwork,
        dataset: Dataset,
        config: Config,
        device: Device,
        progress: bool,
    ) -> Self:
        """The views in ``folder`` of these pictures in this order; each that isn't there yet is
        computed and kept, so that a killed run goes on, and several processes share the work. Raises
        TrainingError where one is damaged.
        """
        folder = folder / _key(dataset)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{number:03}.npy" for number in range(config.views)]
        turn = os.getpid() % config.views  # of several processes, each begins at another view
        bar = tqdm(
            [*range(turn, config.views), *range(turn)],
            desc=f"views of {folder.parent.name}",
            unit="view",
            disable=not progress,
        )
        for number in bar:
            if not paths[number].exists():
                _keep(_view(trunk, dataset, config, number, device), paths[number])
        return cls([_read(path, len(dataset)) for path in paths])

    def __call__(self, rows: np.ndarray, views: np.ndarray) -> torch.Tensor:
        """(n,) rows, and of each which view → (n, C, h, w) float32."""
        maps = np.stack([self.maps[view][row] for row, view in zip(rows, views, strict=True)])
        found = torch.from_numpy(maps.astype(np.float32))
        return found.contiguous(memory_format=torch.channels_last)

    def order(self, pictures: int, seed: int) -> np.ndarray:
        """(pictures, views): in which order a member sees the views of each picture."""
        rng = np.random.default_rng(seed)
        return rng.permuted(np.tile(np.arange(len(self.maps)), (pictures, 1)), axis=1)


def _key(dataset: Dataset) -> str:
    """A view is found by a picture's place, so that views belong to pictures in one order."""
    hashes = [row.sha256 for row in dataset.rows]
    return hashlib.sha256("\n".join([str(VERSION), *hashes]).encode()).hexdigest()[:16]


@torch.inference_mode()
def _view(
    trunk: FractureNetwork, dataset: Dataset, config: Config, number: int, device: Device
) -> np.ndarray:
    """(N, C, h, w) float16; equal seeds and numbers give equal views."""
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
