"""What a member of the ensemble is trained for: its pictures, its learning rate and its loss."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch.nn import functional

from training.config import Config
from training.datasets.dataset import Dataset


class Task(ABC):
    """``rows``: the training rows of ``dataset``. ``targets`` (N, K): of all its pictures.

    ``head``: the name of the head that is trained. ``rate``: its learning rate.
    """

    head: ClassVar[str]

    def __init__(self, config: Config, dataset: Dataset, train: np.ndarray) -> None:
        self.config, self.dataset = config, dataset
        self.rows = np.flatnonzero(train)
        self.targets = self._targets()

    @property
    @abstractmethod
    def epochs(self) -> int: ...

    @property
    @abstractmethod
    def rate(self) -> float: ...

    @property
    def pictures(self) -> int:
        """Pictures of one epoch."""
        return len(self.rows)

    @property
    def steps(self) -> int:
        """Steps of all epochs."""
        return self.epochs * -(-self.pictures // self.config.batch)

    def order(self, generator: torch.Generator) -> np.ndarray:
        """(pictures,): the rows of one epoch in the order in which they are shown."""
        order: np.ndarray = self.rows[torch.randperm(len(self.rows), generator=generator).numpy()]
        return order

    @abstractmethod
    def loss(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of the head's raw ``scores`` (N, K)."""

    @abstractmethod
    def _targets(self) -> np.ndarray: ...


class TypesTask(Task):
    """The ten types, with cross-entropy.

    With ``label_sets`` a radiograph may have several types, and each has its own binary cross-entropy.
    """

    head = "head"

    @property
    def epochs(self) -> int:
        return self.config.epochs

    @property
    def rate(self) -> float:
        return self.config.learning_rate

    def loss(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        smoothing = self.config.label_smoothing
        smooth = targets * (1 - smoothing) + smoothing / targets.shape[1]
        if self.config.label_sets:
            of_types = functional.binary_cross_entropy_with_logits(scores, smooth, reduction="none")
            losses = of_types.sum(1)
        else:
            losses = -(smooth * functional.log_softmax(scores, 1)).sum(1)
        weights = (targets @ self.balance.to(scores.device)) / targets.sum(1)
        return (losses * weights).sum() / weights.sum()

    @cached_property
    def balance(self) -> torch.Tensor:
        """Class weights by the square root of rarity: full balance overfits the smallest classes."""
        counts = np.maximum(self.targets[self.rows].sum(0), 1)
        weights = np.sqrt(counts.mean() / counts)
        return torch.tensor(weights / weights.mean(), dtype=torch.float32)

    def _targets(self) -> np.ndarray:
        return self.dataset.targets


class FractureTask(Task):
    """Fracture or none. An epoch shows one picture of each group.

    Most pictures of a group are turned copies of one radiograph, and a radiograph with more copies must not
    count more.
    """

    head = "fracture"

    @property
    def epochs(self) -> int:
        return self.config.fracture_epochs

    @property
    def rate(self) -> float:
        return self.config.fracture_rate

    @property
    def pictures(self) -> int:
        return len(np.unique(self.dataset.groups[self.rows]))

    def order(self, generator: torch.Generator) -> np.ndarray:
        shuffled = super().order(generator)
        _, first = np.unique(self.dataset.groups[shuffled], return_index=True)
        picked: np.ndarray = shuffled[np.sort(first)]
        return picked

    def loss(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        smoothing = self.config.label_smoothing
        smooth = targets * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(scores, smooth)

    def _targets(self) -> np.ndarray:
        return self.dataset.labels[:, None].astype(np.float32)
