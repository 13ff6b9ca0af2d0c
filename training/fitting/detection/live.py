"""Views for a detector that is trained end to end: drawn anew for each step, where the network trains."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch.nn import functional

from classifier.preprocess import placement
from training.datasets.detector_pictures import Pictures
from training.fitting.detection import shown
from training.fitting.detection.augmented_views import Batch
from training.fitting.detection.placed import Placed, placed
from training.networks.device import Device, normalised

LIVE_VIEWS = 1 << 31  # of each picture: as many as there are seeds


@dataclass(frozen=True)
class LiveViews:
    """``pixels`` (N, S, S) uint8 on the device. ``contents`` (N, 4): left, top, right, bottom of each picture
    in its letterbox, in −1..1. ``markers``: see ``shown.marker_bank``.
    """

    pictures: Pictures
    pixels: torch.Tensor
    contents: torch.Tensor
    markers: torch.Tensor
    size: int
    seed: int

    @classmethod
    def made(cls, pictures: Pictures, size: int, seed: int, device: Device) -> Self:
        """Views of ``size`` pixels; everything that is drawn comes from ``seed``."""
        stored, kind = pictures.pixels.shape[-1], torch.device(device.kind)
        places = [placement(row.size[1], row.size[0], stored) for row in pictures.rows]
        edges = [(p.left, p.top, p.left + p.width, p.top + p.height) for p in places]
        return cls(
            pictures,
            torch.from_numpy(pictures.pixels).to(kind),
            torch.tensor(edges, dtype=torch.float32, device=kind) * 2 / stored - 1,
            shown.marker_bank(size, seed, kind),
            size,
            seed,
        )

    def __call__(self, rows: np.ndarray, views: np.ndarray) -> Batch:
        """(n,) rows, and the seed of a view of each. Equal ones in an equal order give equal batches."""
        rng = np.random.default_rng([self.seed, *(int(view) for view in views)])
        places = [self._place(int(row), rng) for row in rows]
        corners = [place.corners for place in places]
        broken = self.pictures.fractured[rows]
        may_hide = self.pictures.boxed[rows] | ~broken
        images = self._images(rows, places, corners, may_hide, rng)
        return Batch(
            normalised(images),
            corners,
            np.array([place.known for place in places], bool),
            np.array([place.close for place in places], bool),
            np.array([place.elsewhere for place in places], bool),
        )

    def _place(self, row: int, rng: np.random.Generator) -> Placed:
        pixels, broken = self.pictures.pixels[row], self.pictures.rows[row].fractured
        return placed(pixels, self.pictures.corners(row, len(pixels)), broken, self.size, rng)

    def _images(
        self,
        rows: np.ndarray,
        places: list[Placed],
        corners: list[np.ndarray],
        may_hide: np.ndarray,
        rng: np.random.Generator,
    ) -> torch.Tensor:
        device = self.pixels.device
        index = torch.from_numpy(rows).to(device)
        drawn = shown.Drawn(rng, len(rows), device)
        generator = torch.Generator(device).manual_seed(int(rng.integers(1 << 31)))
        pictures = self.pixels[index][:, None].float() / 255
        pictures = shown.coarser(shown.recompressed(pictures, drawn), drawn)
        matrices = torch.from_numpy(np.stack([place.matrix for place in places]))
        grid = sampling_grid(matrices, self.pixels.shape[-1], self.size, device)
        images = functional.grid_sample(pictures, grid, align_corners=False)
        windows = torch.from_numpy(np.stack([place.window for place in places])).to(device)
        seen = shown.inside(windows, self.size) & _within(grid, self.contents[index])
        images = shown.exposed(images, drawn)
        images = shown.marked(images, self.markers, drawn)
        images = shown.windowed(images, seen, drawn)
        images = shown.hidden(images, corners, may_hide, drawn)
        return shown.noisy(images, drawn, generator) * seen  # the letterbox is black when served


def sampling_grid(
    matrices: torch.Tensor, stored: int, size: int, device: torch.device
) -> torch.Tensor:
    """(n, 2, 3), pixels of the stored pictures → pixels of the views; (n, size, size, 2) on the device, where
    each pixel of a view comes from, in −1..1.
    """
    back = torch.linalg.inv(matrices[:, :, :2].double())
    middle = back @ (size / 2 - matrices[:, :, 2:].double())
    theta = torch.cat([back * size / stored, middle * 2 / stored - 1], 2)
    shape = [len(matrices), 1, size, size]
    return functional.affine_grid(theta.float().to(device), shape, align_corners=False)


def _within(grid: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    """(n, S, S, 2) and (n, 4), both of −1..1 → (n, 1, S, S) bool."""
    low, high = edges[:, None, None, :2], edges[:, None, None, 2:]
    return ((grid >= low) & (grid <= high)).all(-1)[:, None]
