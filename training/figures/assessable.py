"""Of the refusal: bone radiographs of both data sets against everything foreign."""

from typing import Any

import numpy as np

from classifier.assessability import KINDS, foreign_log_odds
from training.calibrate import fit_refusal
from training.figures.bootstrap import Figures, with_intervals
from training.metrics import auroc
from training.scores import RunScores, Scores


def assessable_figures(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """Of the refusal: bone radiographs of both data sets against everything foreign."""
    films = [scores.types, scores.bones]
    odds = np.concatenate([foreign_log_odds(each.kinds) for each in (*films, scores.foreign)])
    foreign = np.repeat([False, True], [sum(map(len, films)), len(scores.foreign)])
    groups = np.concatenate([each.groups for each in (*films, scores.foreign)])
    refused = np.concatenate([_refused(scores, each) for each in (*films, scores.foreign)])
    order = np.argsort(odds, kind="stable")

    def figures(weights: np.ndarray) -> Figures:
        bad, good = weights * foreign, weights * ~foreign
        if not bad.any() or not good.any():
            return {}  # a resample of few groups may miss one side
        return {
            "auroc": auroc(order, foreign, weights),
            "refused": float(bad[refused].sum() / bad.sum()),
            "false_refusals": float(good[refused].sum() / good.sum()),
        }

    by_kind = {
        KINDS[label]: round(float(refused[foreign][scores.foreign.labels == label].mean()), 4)
        for label in np.unique(scores.foreign.labels)
    }
    found = with_intervals(figures, groups, seed, resamples) | {"refused_by_kind": by_kind}
    if len(scores.outside):
        threshold = fit_refusal(np.concatenate([each.kinds for each in films]))
        outside = foreign_log_odds(scores.outside.kinds) >= threshold
        found["false_refusals_outside"] = round(float(outside.mean()), 4)
    return found


def _refused(scores: RunScores, part: Scores) -> np.ndarray:
    """(N,) bool: each fold by the threshold of the same repeat's other folds' bone radiographs."""
    out = np.zeros(len(part), bool)
    films = (scores.types, scores.bones)
    for here in part.parts:
        repeat, fold = part.repeats[here][0], part.folds[here][0]
        kinds = [each.kinds[(each.repeats == repeat) & (each.folds != fold)] for each in films]
        out[here] = foreign_log_odds(part.kinds[here]) >= fit_refusal(np.concatenate(kinds))
    return out
