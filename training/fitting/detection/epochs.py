"""The pictures of each epoch, and the view of each picture."""

from dataclasses import dataclass

import numpy as np

from training.datasets.detector_pictures import MULTI_REGION, Pictures
from training.detector_config import DetectorConfig


@dataclass(frozen=True)
class Epochs:
    """``train`` (N,) bool: the pictures that may be shown. ``counts`` (N,): the number of views of each.

    An epoch depends only on ``seed`` and on its number, so that a killed training continues as if it had not
    been killed.
    """

    pictures: Pictures
    train: np.ndarray
    counts: np.ndarray
    recipe: DetectorConfig
    seed: int

    def __call__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(n,) rows and (n,) views, in the order in which they are shown."""
        rng = np.random.default_rng([self.seed, number])
        rows = rng.permutation(np.concatenate(self._drawn(rng)))
        return rows, rng.integers(0, self.counts[rows])

    @property
    def pictures_each(self) -> int:
        """Pictures of one epoch; all epochs have the same number."""
        return len(self(0)[0])

    def _drawn(self, rng: np.random.Generator) -> list[np.ndarray]:
        """The rows of an epoch: all fractured pictures with boxes; ``config.healthy`` healthy ones of the
        same collections; of multi-region one copy of each fractured radiograph, and the same number of
        healthy ones.

        Knowing the collection must not help much with the answer. Of multi-region the loss for the whole
        picture counts as many fractured pictures as healthy ones. Of FracAtlas, where 17 % are fractured, it
        counts some 38 % fractured ones with the shipped recipe.
        """
        own = self.pictures.collections == MULTI_REGION
        broken = self.pictures.fractured
        healthy = rng.permutation(np.flatnonzero(self.train & ~own & ~broken))
        copies = self._one_a_group(self.train & own & broken, rng)
        own_healthy = self._one_a_group(self.train & own & ~broken, rng)
        return [
            np.flatnonzero(self.train & ~own & broken),
            healthy[: self.recipe.healthy],
            copies,
            np.resize(own_healthy, len(copies)) if len(own_healthy) else own_healthy,
        ]

    def _one_a_group(self, keep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        rows = rng.permutation(np.flatnonzero(keep))
        _, first = np.unique(self.pictures.groups[rows], return_index=True)
        return rows[np.sort(first)]
