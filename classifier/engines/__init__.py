"""What runs a release's weights: (N, 3, S, S) float32, and (N, 3, D, D) for the detector → Scores."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Raw scores of N pictures, float32.

    ``logits`` (N, 10), ``features`` (N, C, h, w), ``fracture`` (N,) and ``kinds`` (N, K): see
    ``classifier.network.Reading``. ``heat`` (N, h, w) and ``extent`` (N, 4, h, w) where the release has a
    detector, whose picture score ``fracture`` then is: see ``classifier.detector.DetectorMaps``.
    """

    logits: np.ndarray
    features: np.ndarray
    fracture: np.ndarray
    kinds: np.ndarray
    heat: np.ndarray | None = None
    extent: np.ndarray | None = None


class Engine(Protocol):
    """Runs a batch and knows the head's weights, (10, C) float32, for the activation maps."""

    head_weights: np.ndarray

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        """``detector_batch``: the same N pictures as the detector's input, where the release has one."""
        ...


def ran_out_of_memory(error: Exception) -> bool:
    """Whether the machine and not the picture is to blame. ONNX Runtime says so in a RuntimeError."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error)
