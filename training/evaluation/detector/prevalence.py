"""What the words and the numbers mean where another share of the bones is broken."""

from typing import Any

import numpy as np

from training.evaluation.detector.call import Drawn
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals

SHARES = (0.02, 0.05, 0.10, 0.30, 0.50)  # beside the collection's own


def prevalence_figures(
    scores: DetectorScores, calls: np.ndarray, drawn: Drawn
) -> dict[str, Any] | None:
    """None where a state is missing. ``at``: for each share of broken bones, of how many positive calls
    there is a fracture, of how many negative ones there is one all the same, and what a shown probability of
    50 % is.

    By Bayes' rule from sensitivity and specificity, as if broken and healthy bones looked as they do here and
    only their numbers differed (Saerens, Latinne and Decaestecker, Neural Computation 2002;14:21).
    """
    ill = scores.labels == 1
    if ill.all() or not ill.any():
        return None
    own = float(ill.mean())
    shares = sorted({*SHARES, round(own, 6)})

    def figures(weights: np.ndarray) -> Figures:
        broken, whole = weights * ill, weights * ~ill
        if not broken.any() or not whole.any():
            return {}
        found = {}
        for name, said in (("positive", calls > 0), ("negative", calls < 0)):
            of_broken = broken[said].sum() / broken.sum()
            of_whole = whole[said].sum() / whole.sum()
            for share in shares:
                right = share * of_broken
                if right + (1 - share) * of_whole:
                    found[f"{name} {share}"] = float(right / (right + (1 - share) * of_whole))
        return found

    found = with_intervals(figures, scores.groups, *drawn)
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


def _shifted(probability: float, own: float, share: float) -> float:
    """P(fracture) where ``own`` of the bones are broken → the same evidence where ``share`` of them are."""
    odds = probability / (1 - probability) * (share / (1 - share)) / (own / (1 - own))
    return odds / (1 + odds)
