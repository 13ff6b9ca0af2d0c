"""95 % intervals by drawing whole groups, so that twins count as the one piece of evidence they are."""

from collections.abc import Callable
from typing import Any

import numpy as np

Figures = dict[str, float]
RESAMPLES = 1000


def with_intervals(
    figures: Callable[[np.ndarray], Figures], groups: np.ndarray, seed: int, resamples: int
) -> dict[str, Any]:
    """Each figure with its 95 % percentile interval over resampled groups.

    A resample that lacks what a figure is of may leave that figure out.
    """
    main = figures(np.ones(len(groups)))
    spread: dict[str, list[float]] = {name: [] for name in main}
    for weights in group_weights(groups, seed, resamples):
        for name, value in figures(weights).items():
            spread[name].append(value)
    return {name: _with_interval(value, spread[name]) for name, value in main.items()}


def group_weights(groups: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """(resamples, N): how often each picture is drawn when whole groups are, with replacement."""
    names, group_of = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    chances = np.full(len(names), 1 / len(names))
    return rng.multinomial(len(names), chances, resamples)[:, group_of].astype(float)


def _with_interval(value: float, spread: list[float]) -> dict[str, Any]:
    low, high = np.percentile(spread, (2.5, 97.5))
    return {"value": round(value, 6), "interval": [round(float(low), 6), round(float(high), 6)]}
