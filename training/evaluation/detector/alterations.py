"""Whether calls change when a marker is added, a cast's rim, a crop, another scale: they should not."""

from typing import Any

import numpy as np

from training.datasets.collections import FRACATLAS
from training.evaluation.detector.calibration import rule_of_the_others, ruled
from training.evaluation.detector.call import Resampling
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.evaluation.metrics import Ranked, auroc


def alterations_figures(scores: DetectorScores, resampling: Resampling) -> dict[str, Any] | None:
    """None if no picture was altered. The rule of a fold is fitted on the other folds, before and after.

    For each change: ``changed``, the share of calls that differ, ``changed_broken`` and ``changed_healthy``,
    the same for each state, ``auroc_before``, ``auroc_after`` and their difference ``fall``. ``worst`` names
    the change with the most changed calls and the one with the largest fall.
    """
    altered = scores.altered
    if not len(altered):
        return None
    fractured, groups = scores.labels[altered.pictures] == 1, scores.groups[altered.pictures]
    before, called_before = _ruled(scores, scores.fracture[altered.pictures])
    changes = {}
    for name, fracture in zip(altered.names, altered.fracture, strict=True):
        after, called_after = _ruled(scores, fracture)
        changed = called_after != called_before
        changes[name] = with_intervals(
            _Change(before, after, changed, fractured),
            groups,
            *resampling,
            {
                "changed": np.ones(len(fractured), bool),
                "changed_broken": fractured,
                "changed_healthy": ~fractured,
            },
        )
    return {
        "pictures": len(altered),
        "broken": int(fractured.sum()),
        "groups": len(np.unique(groups)),
        "changes": changes,
        "worst": {
            key: max(changes, key=lambda name: float(changes[name][key]["value"]))
            for key in ("changed", "fall")
            if all(key in figures for figures in changes.values())
        },
    }


def _ruled(scores: DetectorScores, fracture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw log-odds (K,) of the altered pictures → P(fracture) (K,) and calls (K,)."""
    splits = scores.splits[scores.altered.pictures]
    probabilities, calls = np.zeros(len(fracture)), np.zeros(len(fracture), int)
    for split in np.unique(splits):
        here = splits == split
        rule = rule_of_the_others(scores.of(FRACATLAS), str(split))
        probabilities[here], calls[here] = ruled(fracture[here], rule)
    return probabilities, calls


class _Change:
    """The figures of one change."""

    def __init__(
        self, before: np.ndarray, after: np.ndarray, changed: np.ndarray, fractured: np.ndarray
    ) -> None:
        self.before, self.after = Ranked.of(before), Ranked.of(after)
        self.changed, self.fractured = changed, fractured

    def __call__(self, weights: np.ndarray) -> Figures:
        found = {"changed": float(weights[self.changed].sum() / weights.sum())}
        states = {"changed_broken": self.fractured, "changed_healthy": ~self.fractured}
        for name, state in states.items():
            if (own := weights[state]).any():
                found[name] = float(own[self.changed[state]].sum() / own.sum())
        if len(found) <= len(states):
            return found
        first, second = (
            auroc(ranked, self.fractured, weights) for ranked in (self.before, self.after)
        )
        return found | {"auroc_before": first, "auroc_after": second, "fall": first - second}
