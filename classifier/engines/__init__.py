"""Engines run a release's networks: (N, 3, S, S) float32, and (N, 3, D, D) for the detector → Scores."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Raw scores of N pictures, float32.

    ``logits`` (N, 10), ``features`` (N, C, h, w), ``fracture`` (N,) and ``kinds`` (N, K): see
    ``classifier.network.NetworkOutput``. ``heat`` (N, h, w) and ``extent`` (N, 4, h, w): None if the release
    has no detector. If it has one, ``fracture`` is the detector's score of the picture: see
    ``classifier.detector.DetectorMaps``.
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
        """``detector_batch``: the same N pictures as the detector's input, if the release has a detector."""
        ...


NO_CUDA = "torch finds no CUDA device on this machine."
# ONNX Runtime and torch on a CPU; torch on CUDA; a CUDA library below it. All are a RuntimeError.
_NO_MEMORY = ("allocate memory", "out of memory", "STATUS_ALLOC_FAILED")


class EngineUnavailable(Exception):
    """This installation or machine can't run the engine. The message says why and what to do."""


def ran_out_of_memory(error: Exception) -> bool:
    """Whether the machine ran out of memory. The engines have no error class for it, only messages."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY)
