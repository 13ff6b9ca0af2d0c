"""What runs a release's weights.

Each engine: (N, 3, S, S) float32 → logits (N, 10) and features (N, C, h, w).
"""

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """Runs a batch and knows the head's weights, (10, C) float32, for the activation maps."""

    head_weights: np.ndarray

    def run(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...
