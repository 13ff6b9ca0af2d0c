"""All figures of a run, from held-out scores.

A score comes from a network and heads that were not trained on the picture or its twins. The temperature,
thresholds and operating points of a fold are cross-fitted, not nested: they come from the scores of the other
folds, by networks that were trained on this fold.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

from training.evaluation.calibration import fit_refusal
from training.evaluation.detector.figures import detector_figures
from training.evaluation.external.figures import external_figures
from training.evaluation.figures.assessable import assessable_figures
from training.evaluation.figures.bootstrap import RESAMPLES
from training.evaluation.figures.coarse import coarse_figures
from training.evaluation.figures.explanation import explanation_figures
from training.evaluation.figures.fracture import fracture_figures
from training.evaluation.figures.label_sets import label_set_figures
from training.evaluation.figures.types import shipped_figures, types_figures
from training.evaluation.scores import RunScores


def evaluate(
    scores: RunScores, seed: int = 0, resamples: int = RESAMPLES, progress: bool = False
) -> dict[str, Any]:
    """The ``metrics`` of a manifest: each main figure with its 95 % interval, and the details."""
    drawn = (seed, resamples)
    parts: dict[str, Callable[[], Any]] = {
        "types": lambda: types_figures(scores.types, *drawn),
        "coarse": lambda: coarse_figures(scores.types, *drawn),
        "label_sets": lambda: label_set_figures(scores.types, scores.conflicts, *drawn),
        "shipped": lambda: shipped_figures(scores.shipped, scores.types, *drawn),
        "fracture": lambda: _fracture(scores, *drawn),
        "assessable": lambda: assessable_figures(scores, *drawn),
        "explanation": lambda: explanation_figures(scores.deletion, *drawn),
        "elsewhere": lambda: external_figures(scores.elsewhere, *drawn),
    }
    if len(scores.detector):
        parts["detector"] = lambda: detector_figures(scores.detector, _refusal(scores), *drawn)
    found: dict[str, Any] = {"method": _method(scores, resamples)}
    with tqdm(parts, desc="figures", unit="part", disable=not progress) as bar:
        for name in bar:
            bar.set_postfix_str(name)
            found[name] = parts[name]()
    return found


def _fracture(scores: RunScores, seed: int, resamples: int) -> dict[str, Any] | None:
    """None if a detector gives the call: then nobody uses the fracture head of the types' network."""
    if len(scores.detector):
        return None
    return fracture_figures(scores.bones, scores.external_test, seed, resamples)


def _refusal(scores: RunScores) -> float:
    return fit_refusal(np.concatenate([scores.types.kinds, scores.bones.kinds]))


def _method(scores: RunScores, resamples: int) -> str:
    types = scores.types
    repeats, folds = len(np.unique(types.repeats)), len(np.unique(types.folds))
    return (
        f"{repeats} × {folds} folds, stratified by class and split by group; {_fitted(scores)} "
        "(cross-fitted, not nested: the networks behind those scores have learnt from this fold's pictures); "
        f"95 % intervals by {resamples} bootstrap resamples of groups"
    )


def _fitted(scores: RunScores) -> str:
    """How the numbers were fitted. In a run with a detector the refusal has folds of its own."""
    others = "fitted on the held-out scores of the same repeat's other folds"
    if not len(scores.detector):
        return f"temperature, set thresholds, operating points and refusal of each fold {others}"
    return (
        "the refusal's head has folds of its own, and its threshold for a picture is fitted on held-out "
        f"scores of others; temperature and set thresholds of each fold {others}"
    )
