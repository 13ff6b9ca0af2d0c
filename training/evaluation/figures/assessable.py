"""Of the refusal: bone radiographs of both data sets against everything foreign."""

from functools import partial
from typing import Any

import numpy as np

from classifier.assessability import KINDS, foreign_log_odds
from training.evaluation.calibration import fit_refusal
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.evaluation.figures.slices import by_region
from training.evaluation.metrics import Ranked, auroc
from training.evaluation.scores import RunScores, Scores

_DRAWN = (
    "drawn-"  # how the groups of the pictures begin that training.datasets.non_radiographs draws
)


def assessable_figures(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """Of the refusal: bone radiographs of both data sets against everything foreign, and against what is
    foreign by its kind and by its origin, since what is drawn is easier to tell; of what is refused, how
    much for the right reason; and how many bone radiographs of each body region are refused.
    """
    films, foreign = [scores.types, scores.bones], scores.foreign
    odds = np.concatenate([foreign_log_odds(each.kinds) for each in (*films, foreign)])
    groups = np.concatenate([each.groups for each in (*films, foreign)])
    refused = np.concatenate([_refused(scores, each) for each in (*films, foreign)])
    ranked = Ranked.of(odds)
    bone = np.arange(len(odds)) < sum(map(len, films))
    reasoned = np.concatenate([~bone[bone], _named(foreign)])
    parts = {name: _of_all(bone, rows) for name, rows in _parts(foreign).items()}

    def figures(weights: np.ndarray) -> Figures:
        good = weights * bone
        if not good.any():
            return {}  # a resample of few groups may miss one side
        found = {"false_refusals": float(good[refused].sum() / good.sum())}
        for name, rows in parts.items():
            bad = weights * rows
            if bad.any():
                found[f"{name} auroc"] = auroc(ranked, ~bone, good + bad)
                found[f"{name} refused"] = float(bad[refused].sum() / bad.sum())
            if bad[refused].any():
                found[f"{name} reason"] = float(bad[refused & reasoned].sum() / bad[refused].sum())
        return found

    shares = {"false_refusals": bone}
    for name, rows in parts.items():
        shares |= {f"{name} refused": rows, f"{name} reason": rows & refused}
    found = with_intervals(figures, groups, seed, resamples, shares)
    told = {
        name: {
            "pictures": len(np.unique(foreign.ids[rows[~bone]])),
            "groups": len(np.unique(groups[rows])),
            **_of_part(found, name),
        }
        for name, rows in parts.items()
    }
    del told["all"]
    out = {
        **_of_part(found, "all"),
        "false_refusals": found["false_refusals"],
        "parts": told,
        "regions": _regions(scores, seed, resamples),
    }
    if len(scores.outside):
        threshold = fit_refusal(np.concatenate([each.kinds for each in films]))
        outside = foreign_log_odds(scores.outside.kinds) >= threshold
        out["false_refusals_outside"] = with_intervals(
            lambda weights: {"share": float(np.average(outside, weights=weights))},
            scores.outside.groups,
            seed,
            resamples,
            {"share": np.ones(len(outside), bool)},
        )["share"]
    return out


def _regions(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """Body region → pictures, groups and the share refused, of the types' pictures."""
    refused, found = _refused(scores, scores.types), {}
    for name, keep in by_region(scores.types.ids).items():
        part, share = scores.types.where(keep), refused[keep]
        found[name] = {
            "pictures": len(np.unique(part.ids)),
            "groups": len(np.unique(part.groups)),
            **with_intervals(
                partial(_share, share),
                part.groups,
                seed,
                resamples,
                {"refused": np.ones(len(share), bool)},
            ),
        }
    return found


def _share(refused: np.ndarray, weights: np.ndarray) -> Figures:
    return {"refused": float(np.average(refused, weights=weights))}


def _parts(foreign: Scores) -> dict[str, np.ndarray]:
    """Which rows (N,) are all, which of each kind, and which of each origin."""
    drawn = np.char.startswith(foreign.groups.astype(str), _DRAWN)
    chest, sliced = (foreign.labels == KINDS.index(name) for name in ("chest", "slice"))
    parts = {"all": np.ones(len(foreign), bool)}
    parts |= {KINDS[label]: foreign.labels == label for label in np.unique(foreign.labels)}
    origins = {
        "drawn by Callus": drawn,
        "photographs and pages": ~drawn & ~chest & ~sliced,
        "CT and MR slices that nobody drew": ~drawn & sliced,
        "chest films that nobody drew": ~drawn & chest,
    }
    return parts | {name: rows for name, rows in origins.items() if rows.any()}


def _of_part(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The figures of one part; of what is not refused at all, no reason."""
    keys = ("auroc", "refused", "reason")
    return {key: found[f"{name} {key}"] for key in keys if f"{name} {key}" in found}


def _of_all(bone: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(N,) bool of all pictures, from which of the foreign ones."""
    every = np.zeros(len(bone), bool)
    every[~bone] = rows
    return every


def _named(foreign: Scores) -> np.ndarray:
    """(N,) bool: whether the kind that would be given as the reason is the picture's own."""
    return 1 + foreign.kinds[:, 1:].argmax(1) == foreign.labels


def _refused(scores: RunScores, part: Scores) -> np.ndarray:
    """(N,) bool: each fold by the threshold of the same repeat's other folds' bone radiographs."""
    out = np.zeros(len(part), bool)
    films = (scores.types, scores.bones)
    for here in part.parts:
        repeat, fold = part.repeats[here][0], part.folds[here][0]
        kinds = [each.kinds[(each.repeats == repeat) & (each.folds != fold)] for each in films]
        out[here] = foreign_log_odds(part.kinds[here]) >= fit_refusal(np.concatenate(kinds))
    return out
