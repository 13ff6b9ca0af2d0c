"""Of the refusal: bone radiographs of both data sets against everything foreign."""

from typing import Any

import numpy as np

from classifier.assessability import KINDS, foreign_log_odds
from training.calibrate import fit_refusal
from training.figures.bootstrap import Figures, with_intervals
from training.metrics import Ranked, auroc
from training.scores import RunScores, Scores

_DRAWN = "drawn-"  # how the groups of the pictures begin that training.foreign draws


def assessable_figures(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """Of the refusal: bone radiographs of both data sets against everything foreign, and against what is
    foreign by its kind and by its origin, since what is drawn is easier to tell.
    """
    films, foreign = [scores.types, scores.bones], scores.foreign
    odds = np.concatenate([foreign_log_odds(each.kinds) for each in (*films, foreign)])
    groups = np.concatenate([each.groups for each in (*films, foreign)])
    refused = np.concatenate([_refused(scores, each) for each in (*films, foreign)])
    ranked = Ranked.of(odds)
    bone = np.arange(len(odds)) < sum(map(len, films))
    parts = _parts(foreign)

    def figures(weights: np.ndarray) -> Figures:
        good = weights * bone
        if not good.any():
            return {}  # a resample of few groups may miss one side
        found = {"false_refusals": float(good[refused].sum() / good.sum())}
        for name, rows in parts.items():
            bad = np.zeros(len(weights))
            bad[~bone] = weights[~bone] * rows
            if bad.any():
                found[f"{name} auroc"] = auroc(ranked, ~bone, good + bad)
                found[f"{name} refused"] = float(bad[refused].sum() / bad.sum())
        return found

    found = with_intervals(figures, groups, seed, resamples)
    told = {
        name: {
            "pictures": len(np.unique(foreign.ids[rows])),
            "auroc": found[f"{name} auroc"],
            "refused": found[f"{name} refused"],
        }
        for name, rows in parts.items()
    }
    every = told.pop("all")
    out = {
        "auroc": every["auroc"],
        "refused": every["refused"],
        "false_refusals": found["false_refusals"],
        "parts": told,
    }
    if len(scores.outside):
        threshold = fit_refusal(np.concatenate([each.kinds for each in films]))
        outside = foreign_log_odds(scores.outside.kinds) >= threshold
        out["false_refusals_outside"] = with_intervals(
            lambda weights: {"share": float(np.average(outside, weights=weights))},
            scores.outside.groups,
            seed,
            resamples,
        )["share"]
    return out


def _parts(foreign: Scores) -> dict[str, np.ndarray]:
    """Which rows (N,) are all, which of each kind, and which of each origin."""
    drawn = np.char.startswith(foreign.groups.astype(str), _DRAWN)
    medical = np.isin(foreign.labels, [KINDS.index("chest"), KINDS.index("slice")])
    parts = {"all": np.ones(len(foreign), bool)}
    parts |= {KINDS[label]: foreign.labels == label for label in np.unique(foreign.labels)}
    origins = {
        "drawn by Callus": drawn,
        "photographs and pages": ~drawn & ~medical,
        "CT, MR and chest pictures that nobody drew": ~drawn & medical,
    }
    return parts | {name: rows for name, rows in origins.items() if rows.any()}


def _refused(scores: RunScores, part: Scores) -> np.ndarray:
    """(N,) bool: each fold by the threshold of the same repeat's other folds' bone radiographs."""
    out = np.zeros(len(part), bool)
    films = (scores.types, scores.bones)
    for here in part.parts:
        repeat, fold = part.repeats[here][0], part.folds[here][0]
        kinds = [each.kinds[(each.repeats == repeat) & (each.folds != fold)] for each in films]
        out[here] = foreign_log_odds(part.kinds[here]) >= fit_refusal(np.concatenate(kinds))
    return out
