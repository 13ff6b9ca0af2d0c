"""What calls and probabilities mean where another share of the bones is fractured."""

from functools import partial
from typing import Any

import numpy as np

from training.evaluation.detector.call import Resampling
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals

SHARES = (0.02, 0.05, 0.10, 0.30, 0.50)  # beside the collection's own


def prevalence_figures(
    scores: DetectorScores, calls: np.ndarray, resampling: Resampling
) -> dict[str, Any] | None:
    """None if a state is missing.

    ``at``, for each share of fractured bones: the share of positive calls with a fracture, the share of
    negative calls with one, and what a shown probability of 50 % means there.

    By Bayes' rule from sensitivity and specificity, as if fractured and healthy bones looked as they do here
    and only their numbers differed (Saerens, Latinne and Decaestecker, Neural Computation 2002;14:21).
    """
    fractured = scores.labels == 1
    if fractured.all() or not fractured.any():
        return None
    own = float(fractured.mean())
    shares = sorted({*SHARES, round(own, 6)})
    weighted = partial(_weighted, fractured, calls, shares)
    found = with_intervals(weighted, scores.groups, *resampling)
    return {
        "own": round(own, 6),
        "at": [
            {
                "share": share,
                "half_means": round(_shifted(0.5, own, share), 4),
                **{
                    name: found[f"{name} {share}"]
                    for name in ("positive", "negative")
                    if f"{name} {share}" in found
                },
            }
            for share in shares
        ],
    }


def _weighted(
    is_fractured: np.ndarray, calls: np.ndarray, shares: list[float], weights: np.ndarray
) -> Figures:
    fractured, healthy = weights * is_fractured, weights * ~is_fractured
    if not fractured.any() or not healthy.any():
        return {}
    found = {}
    for name, called in (("positive", calls > 0), ("negative", calls < 0)):
        of_fractured = fractured[called].sum() / fractured.sum()
        of_healthy = healthy[called].sum() / healthy.sum()
        for share in shares:
            right, wrong = share * of_fractured, (1 - share) * of_healthy
            if right + wrong:
                found[f"{name} {share}"] = float(right / (right + wrong))
    return found


def _shifted(probability: float, own: float, share: float) -> float:
    """P(fracture) at the prevalence ``own`` → the same evidence at the prevalence ``share``."""
    odds = probability / (1 - probability) * (share / (1 - share)) / (own / (1 - own))
    return odds / (1 + odds)
