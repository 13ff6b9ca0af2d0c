"""95 % intervals that resample whole groups: twins are one piece of evidence."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Figures = dict[str, float]
RESAMPLES = 1000
_MISSED = 0.025  # probability that the true value lies below the interval, and that it lies above


def with_intervals(
    figures: Callable[[np.ndarray], Figures],
    groups: np.ndarray,
    seed: int,
    resamples: int,
    shares: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Each figure with its 95 % percentile interval over resampled groups.

    ``figures``: weights (N,) → figures. A resample may lack a figure, or have one that the whole lacks; the
    latter is ignored. ``shares``: for figures that are a share of some pictures, the mask (N,) of these. If
    all of these pictures count, or none, every resample gives the same share; the interval is then that of
    Clopper and Pearson (1934), with the number of groups as the number of trials.
    """
    main = figures(np.ones(len(groups)))
    spread: dict[str, list[float]] = {name: [] for name in main}
    for weights in group_weights(groups, seed, resamples):
        for name, value in figures(weights).items():
            if name in spread:
                spread[name].append(value)
    shares = shares or {}
    found = {}
    for name, value in main.items():
        low, high = np.percentile(spread[name], (100 * _MISSED, 100 * (1 - _MISSED)))
        if name in shares and low == high and value in (0, 1):
            low, high = _exact_interval(value, len(np.unique(groups[shares[name]])))
        interval = [round(float(low), 6), round(float(high), 6)]
        found[name] = {"value": round(float(value), 6), "interval": interval}
    return found


def mean_of_repeats(
    repeats: np.ndarray, of: Callable[[np.ndarray], Callable[[np.ndarray], Figures]]
) -> Callable[[np.ndarray], Figures]:
    """Figures that are the mean of those of each repeat. ``repeats`` (N,): of each picture.

    ``of``: mask (N,) → the figures of these pictures. All repeats together would count each picture several
    times, so that a calibration error or the worst of ten classes would look too good.
    """
    of_repeats = [(keep, of(keep)) for keep in (repeats == repeat for repeat in np.unique(repeats))]

    def figures(weights: np.ndarray) -> Figures:
        found = [figures_of(weights[keep]) for keep, figures_of in of_repeats]
        return {name: float(np.mean([one[name] for one in found])) for name in found[0]}

    return figures


def group_weights(groups: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """(resamples, N): how often each picture is drawn when whole groups are drawn with replacement."""
    names, group_of = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    chances = np.full(len(names), 1 / len(names))
    return rng.multinomial(len(names), chances, resamples)[:, group_of].astype(float)


def _exact_interval(share: float, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's interval if none (``share`` 0) or all (1) of the trials succeed."""
    if not trials:
        return 0.0, 1.0
    bound = _MISSED ** (1 / trials)
    return (bound, 1.0) if share else (0.0, 1 - bound)
