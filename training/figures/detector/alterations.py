"""What must not decide: the same pictures with a marker pasted in, a rim like a cast, cropped, rescaled."""

from typing import Any

import numpy as np

from training.detected.calibrate import rule_of_the_others, ruled
from training.detected.held import FRACATLAS
from training.detected.scores import DetectorScores
from training.figures.bootstrap import Figures, with_intervals
from training.figures.detector.call import Drawn
from training.metrics import Ranked, auroc


def alterations_figures(scores: DetectorScores, drawn: Drawn) -> dict[str, Any] | None:
    """None where no picture was altered. Calls are by the rule of the other folds, before and after alike.

    Change → ``changed`` (share of the calls that are another of the three), ``auroc_before``,
    ``auroc_after``, ``fall`` (before less after). ``worst`` names the change with most calls changed and
    that with most fall.
    """
    altered = scores.altered
    if not len(altered):
        return None
    part = scores.parts[altered.pictures[0]]
    rule = rule_of_the_others(scores.of(FRACATLAS), str(part))
    before = scores.fracture[altered.pictures]
    labels, groups = scores.labels[altered.pictures], scores.groups[altered.pictures]
    _, called_before = ruled(before, rule)
    changes = {}
    for name, after in zip(altered.names, altered.fracture, strict=True):
        changed = ruled(after, rule)[1] != called_before
        changes[name] = with_intervals(
            _Change(before, after, changed, labels == 1),
            groups,
            *drawn,
            {"changed": np.ones(len(before), bool)},
        )
    return {
        "pictures": len(altered),
        "changes": changes,
        "worst": {
            key: max(changes, key=lambda name: float(changes[name][key]["value"]))
            for key in ("changed", "fall")
            if all(key in figures for figures in changes.values())
        },
    }


class _Change:
    """Figures of one change, of weighted pictures."""

    def __init__(
        self, before: np.ndarray, after: np.ndarray, changed: np.ndarray, ill: np.ndarray
    ) -> None:
        self.before, self.after = Ranked.of(before), Ranked.of(after)
        self.changed, self.ill = changed, ill

    def __call__(self, weights: np.ndarray) -> Figures:
        found = {"changed": float(weights[self.changed].sum() / weights.sum())}
        if not (weights * self.ill).any() or not (weights * ~self.ill).any():
            return found
        first, second = (auroc(ranked, self.ill, weights) for ranked in (self.before, self.after))
        return found | {"auroc_before": first, "auroc_after": second, "fall": first - second}
