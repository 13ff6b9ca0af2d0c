"""Which pictures an epoch shows, and which view of each."""

from dataclasses import dataclass

import numpy as np

from training.datasets.detector_pictures import MULTI_REGION, Pictures
from training.detector_config import DetectorConfig


@dataclass(frozen=True)
class Epochs:
    """``learn`` (N,) bool: what may be shown. An epoch is drawn from ``seed`` and its number alone, so that a
    training that was killed goes on as if it had not been.
    """

    pictures: Pictures
    learn: np.ndarray
    counts: np.ndarray
    recipe: DetectorConfig
    seed: int

    def __call__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(n,) rows and which view of each, in the order in which they are shown."""
        rng = np.random.default_rng([self.seed, number])
        rows = rng.permutation(np.concatenate(self._drawn(rng)))
        return rows, rng.integers(0, self.counts[rows])

    @property
    def pictures_each(self) -> int:
        """Pictures of an epoch: all epochs have as many."""
        return len(self(0)[0])

    def _drawn(self, rng: np.random.Generator) -> list[np.ndarray]:
        """All broken pictures with boxes; so many healthy ones of the same collections as the recipe says; of
        multi-region one copy of each broken radiograph, and as many healthy ones.

        To know the collection helps little with the answer: the picture's loss sees of multi-region as many
        of one state as of the other, and of FracAtlas, of whose pictures 17 % are broken, some 38 % broken
        ones with the shipped recipe.
        """
        own = self.pictures.collections == MULTI_REGION
        broken = self.pictures.fractured
        healthy = rng.permutation(np.flatnonzero(self.learn & ~own & ~broken))
        copies = self._one_a_group(self.learn & own & broken, rng)
        whole = self._one_a_group(self.learn & own & ~broken, rng)
        return [
            np.flatnonzero(self.learn & ~own & broken),
            healthy[: self.recipe.healthy],
            copies,
            np.resize(whole, len(copies)) if len(whole) else whole,
        ]

    def _one_a_group(self, keep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        rows = rng.permutation(np.flatnonzero(keep))
        _, first = np.unique(self.pictures.groups[rows], return_index=True)
        return rows[np.sort(first)]
