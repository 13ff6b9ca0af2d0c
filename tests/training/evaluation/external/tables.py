"""Drawn scores of a collection elsewhere."""

import numpy as np

from training.evaluation.external.scores import ExternalScores


def drawn_elsewhere(
    pictures: int = 800, strength: float = 8.0, refused: int = 0, seed: int = 11
) -> ExternalScores:
    """Ten pictures a group; ``strength`` parts the broken from the healthy; the first few are refused."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, pictures)
    log_odds = (rng.normal(0, 1, pictures) + strength * (labels - 0.5)).round(4)
    calls = np.where(log_odds >= 1, "positive", np.where(log_odds < -1, "negative", "doubt"))
    calls = np.where(np.arange(pictures) < refused, "not_assessable", calls)
    return ExternalScores(
        "fracatlas",
        np.array([f"{number:016x}" for number in range(pictures)]),
        np.array([f"block {number // 10}" for number in range(pictures)]),
        labels,
        np.full((pictures, 2), 300),
        calls,
        log_odds,
        {
            "hand": np.arange(pictures) % 2 == 0,
            "leg": np.arange(pictures) % 2 == 1,
            "hardware": np.arange(pictures) < 5,
            "frontal": np.ones(pictures, bool),
        },
    )
