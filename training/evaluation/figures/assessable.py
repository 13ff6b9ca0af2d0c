"""The figures of the refusal: bone radiographs of both data sets against all non-radiographs."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np

from classifier.assessability import KINDS, non_radiograph_log_odds
from training.evaluation.calibration import fit_refusal
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.evaluation.figures.slices import by_region
from training.evaluation.metrics import Ranked, auroc
from training.evaluation.scores import RunScores

# How the groups begin of the pictures that training.datasets.non_radiographs draws.
_DRAWN = "drawn-"


@dataclass(frozen=True)
class _Pictures:
    """All M scored pictures: the bone radiographs of both data sets first, then F non-radiographs.

    ``odds`` (M,): log-odds of not being a bone radiograph. ``bone``, ``refused`` (M,) bool. ``reasoned``
    (M,) bool: the kind that would be given as the reason is the picture's own. ``parts``: name → mask (M,)
    of non-radiographs of that kind or origin.
    """

    odds: np.ndarray
    groups: np.ndarray
    bone: np.ndarray
    refused: np.ndarray
    reasoned: np.ndarray
    parts: dict[str, np.ndarray]

    @classmethod
    def of(cls, scores: RunScores) -> Self:
        radiographs, non_radiographs = [scores.types, scores.bones], scores.non_radiographs
        datasets = [*radiographs, non_radiographs]
        odds = np.concatenate([non_radiograph_log_odds(dataset.kinds) for dataset in datasets])
        bone = np.arange(len(odds)) < sum(map(len, radiographs))
        return cls(
            odds,
            np.concatenate([dataset.groups for dataset in datasets]),
            bone,
            np.concatenate([_refused(scores, dataset) for dataset in datasets]),
            np.concatenate([~bone[bone], _named(non_radiographs)]),
            {name: _of_all(bone, rows) for name, rows in _parts(non_radiographs).items()},
        )


def assessable_figures(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """Bone radiographs of both data sets against all non-radiographs, and against each kind and origin.

    Origins count apart because drawn pictures are easier to tell. ``reason``: of the refused ones, the share
    with the right reason. ``regions``: how many bone radiographs of each body region are refused.
    """
    pictures = _Pictures.of(scores)
    shares = {"false_refusals": pictures.bone}
    for name, rows in pictures.parts.items():
        shares |= {f"{name} refused": rows, f"{name} reason": rows & pictures.refused}
    ranked = Ranked.of(pictures.odds)
    found = with_intervals(
        partial(_weighted, pictures, ranked), pictures.groups, seed, resamples, shares
    )
    figures = {
        **_of_part(found, "all"),
        "false_refusals": found["false_refusals"],
        "parts": {
            name: {
                "pictures": len(np.unique(scores.non_radiographs.ids[rows[~pictures.bone]])),
                "groups": len(np.unique(pictures.groups[rows])),
                **_of_part(found, name),
            }
            for name, rows in pictures.parts.items()
            if name != "all"
        },
        "regions": _regions(scores, seed, resamples),
    }
    if len(scores.external_test):
        figures["false_refusals_outside"] = _refused_external(scores, seed, resamples)
    return figures


def _weighted(pictures: _Pictures, ranked: Ranked, weights: np.ndarray) -> Figures:
    """The figures with ``weights`` (M,); empty if they leave no bone radiograph."""
    bone, refused = weights * pictures.bone, pictures.refused
    if not bone.any():
        return {}  # a resample of few groups may have none
    found = {"false_refusals": float(bone[refused].sum() / bone.sum())}
    for name, rows in pictures.parts.items():
        non_radiographs = weights * rows
        if non_radiographs.any():
            found[f"{name} auroc"] = auroc(ranked, ~pictures.bone, bone + non_radiographs)
            found[f"{name} refused"] = float(non_radiographs[refused].sum() / non_radiographs.sum())
        if non_radiographs[refused].any():
            right = non_radiographs[refused & pictures.reasoned].sum()
            found[f"{name} reason"] = float(right / non_radiographs[refused].sum())
    return found


def _refused_external(scores: RunScores, seed: int, resamples: int) -> dict[str, Any]:
    """The share of the external test set that is refused; all of these are bone radiographs."""
    threshold = fit_refusal(np.concatenate([scores.types.kinds, scores.bones.kinds]))
    refused = non_radiograph_log_odds(scores.external_test.kinds) >= threshold
    counted = {"refused": np.ones(len(refused), bool)}
    return with_intervals(
        partial(_share, refused), scores.external_test.groups, seed, resamples, counted
    )["refused"]


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


def _parts(non_radiographs: ClassifierScores) -> dict[str, np.ndarray]:
    """Name → (F,) bool: all non-radiographs, those of each kind, and those of each origin."""
    drawn = np.char.startswith(non_radiographs.groups.astype(str), _DRAWN)
    chest, sliced = (non_radiographs.labels == KINDS.index(name) for name in ("chest", "slice"))
    parts = {"all": np.ones(len(non_radiographs), bool)}
    parts |= {
        KINDS[label]: non_radiographs.labels == label for label in np.unique(non_radiographs.labels)
    }
    origins = {
        "drawn by Callus": drawn,
        "photographs and pages": ~drawn & ~chest & ~sliced,
        "CT and MR slices that nobody drew": ~drawn & sliced,
        "chest films that nobody drew": ~drawn & chest,
    }
    return parts | {name: rows for name, rows in origins.items() if rows.any()}


def _of_part(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The figures of one part. If nothing of it is refused, it has no ``reason``."""
    keys = ("auroc", "refused", "reason")
    return {key: found[f"{name} {key}"] for key in keys if f"{name} {key}" in found}


def _of_all(bone: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A mask (F,) over the non-radiographs → the mask (M,) over all pictures."""
    every = np.zeros(len(bone), bool)
    every[~bone] = rows
    return every


def _named(non_radiographs: ClassifierScores) -> np.ndarray:
    """(N,) bool: whether the kind that would be given as the reason is the picture's own."""
    return 1 + non_radiographs.kinds[:, 1:].argmax(1) == non_radiographs.labels


def _refused(scores: RunScores, part: ClassifierScores) -> np.ndarray:
    """(N,) bool: refused with the threshold that the bone radiographs of the other folds give."""
    out = np.zeros(len(part), bool)
    for mask in part.fold_masks:
        repeat, fold = part.repeats[mask][0], part.folds[mask][0]
        kinds = [
            radiographs.kinds[(radiographs.repeats == repeat) & (radiographs.folds != fold)]
            for radiographs in (scores.types, scores.bones)
        ]
        out[mask] = non_radiograph_log_odds(part.kinds[mask]) >= fit_refusal(np.concatenate(kinds))
    return out
