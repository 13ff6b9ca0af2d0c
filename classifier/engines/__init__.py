"""What runs a release's weights: (N, 3, S, S) float32, and (N, 3, D, D) for the detector → Scores."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Raw scores of N pictures, float32.

    ``logits`` (N, 10) and ``features`` (N, C, h, w) always; ``fracture`` (N,) and ``kinds`` (N, K)
    where the release has those heads. See ``classifier.network.Reading``. ``heat`` (N, h, w) and
    ``extent`` (N, 4, h, w) where it has a detector, whose picture score ``fracture`` then is. See
    ``classifier.detector.DetectorMaps``.
    """

    logits: np.ndarray
    features: np.ndarray
    fracture: np.ndarray | None = None
    kinds: np.ndarray | None = None
    heat: np.ndarray | None = None
    extent: np.ndarray | None = None


class Engine(Protocol):
    """Runs a batch and knows the head's weights, (10, C) float32, for the activation maps."""

    head_weights: np.ndarray

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        """``detector_batch``: the same N pictures as the detector's input, where the release has one."""
        ...
