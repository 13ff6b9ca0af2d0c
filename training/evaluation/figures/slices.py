"""Accuracy of the ten types by body region, drawn marks and size of the file."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import with_intervals
from training.evaluation.metrics import Predictions

_SEEN = Path(__file__).parents[2] / "datasets" / "annotations" / "regions.csv"


def slices(
    scores: ClassifierScores, predictions: Predictions, seed: int, resamples: int
) -> dict[str, Any]:
    """Kind of slice → name → pictures, groups and accuracy with its interval. Empty slices are left out."""
    seen = _seen()
    marks = np.array([seen.get(digits, ("", ""))[1] for digits in scores.ids])
    kinds = {
        "body region": by_region(scores.ids),
        "drawn on the picture": {
            "arrow, circle or line": marks == "drawn",
            "letters only": marks == "letters",
            "nothing": marks == "none",
        },
        "longer side of the file": by_longer_side(scores.sizes),
    }
    found = {
        kind: {
            name: _slice(scores, predictions, keep, seed, resamples)
            for name, keep in parts.items()
            if keep.any()
        }
        for kind, parts in kinds.items()
    }
    return {kind: parts for kind, parts in found.items() if parts}


def by_region(ids: np.ndarray) -> dict[str, np.ndarray]:
    """(N,) first digits of SHA-256 → body region → (N,) bool, for the pictures that were inspected."""
    seen = _seen()
    regions = np.array([seen.get(digits, ("", ""))[0] for digits in ids])
    return {name: regions == name for name in sorted(set(regions) - {""})}


def by_longer_side(sizes: np.ndarray) -> dict[str, np.ndarray]:
    """(N, 2) widths and heights → name → (N,) bool."""
    longer = sizes.max(1)
    return {
        "under 300 px": longer < 300,
        "300 to 599 px": (longer >= 300) & (longer < 600),
        "600 px and more": longer >= 600,
    }


def _slice(
    scores: ClassifierScores, predictions: Predictions, keep: np.ndarray, seed: int, resamples: int
) -> dict[str, Any]:
    right, groups = predictions.right[keep], scores.groups[keep]

    def figures(weights: np.ndarray) -> dict[str, float]:
        return {"accuracy": float(np.average(right, weights=weights))}

    return {
        "pictures": len(np.unique(scores.ids[keep])),
        "groups": len(np.unique(groups)),
        **with_intervals(figures, groups, seed, resamples, {"accuracy": np.ones(len(right), bool)}),
    }


@cache
def _seen() -> dict[str, tuple[str, str]]:
    """First digits of a SHA-256 → region and marks, for the pictures that were inspected."""
    if not _SEEN.is_file():
        return {}
    with _SEEN.open(newline="") as file:
        return {row["sha256"][:16]: (row["region"], row["marks"]) for row in csv.DictReader(file)}
