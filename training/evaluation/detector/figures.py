"""All of a detector's figures: ``metrics.detector`` of a manifest."""

from typing import Any

import numpy as np

from classifier.assessability import non_radiograph_log_odds
from training.datasets.collections import BOXES, FRACATLAS, MULTI_REGION
from training.evaluation.detector.alterations import alterations_figures
from training.evaluation.detector.calibration import cross_called, fit_call
from training.evaluation.detector.call import (
    Resampling,
    operating,
    ranking,
    reliability,
    roc_points,
    sliced,
)
from training.evaluation.detector.places import places_figures
from training.evaluation.detector.prevalence import prevalence_figures
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.detector.served import served_figures
from training.evaluation.detector.thresholds import threshold_rows
from training.evaluation.detector.transfer import transfer_figures
from training.evaluation.figures.bootstrap import with_intervals
from training.fitting.detection.splits import WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION

# Three quarters of multi-region's healthy bones have this size, and few of its fractured ones.
_THUMBNAIL = (224, 224)


def detector_figures(
    scores: DetectorScores, refusal: float, seed: int, resamples: int
) -> dict[str, Any] | None:
    """None if there is no detector. ``refusal``: the threshold of ``classifier.assessability``.

    ``fracatlas``, ``boxes`` and ``multi_region`` are of the folds: groups that the networks never saw, from
    sources that they were trained on. ``without_*`` are of a network that was trained on no picture of the
    source, nor from a twin of one. What can't be measured is None or left out.
    """
    if not len(scores):
        return None
    resampling = Resampling(seed, resamples)
    return {
        "fracatlas": _fracatlas(scores.of(FRACATLAS), refusal, resampling),
        "without_fracatlas": _unseen(scores.of(FRACATLAS, WITHOUT_FRACATLAS), resampling),
        "multi_region": _by_file(scores.of(MULTI_REGION), resampling),
        "without_multi_region": _by_file(scores.of(MULTI_REGION, WITHOUT_MULTI_REGION), resampling),
        "boxes": places_figures(scores.of(BOXES), resampling),
        "transfer": transfer_figures(scores, resampling),
        "alterations": alterations_figures(scores, resampling),
    }


def _fracatlas(
    folds: DetectorScores, refusal: float, resampling: Resampling
) -> dict[str, Any] | None:
    """Ranks by cross-fitted probabilities, because the raw scores of different networks have different
    scales.
    """
    if not len(folds):
        return None
    probabilities, calls = cross_called(folds)
    return {
        **sliced(folds, probabilities, resampling),
        **operating(folds, probabilities, calls, resampling),
        **_refused(folds, refusal, resampling),
        **_curves(folds, probabilities, resampling),
        "places": places_figures(folds, resampling),
        "served": served_figures(folds, calls, resampling),
        "prevalence": prevalence_figures(folds, calls, resampling),
    }


def _refused(folds: DetectorScores, refusal: float, resampling: Resampling) -> dict[str, Any]:
    """The share that the kinds head refuses; empty if it was not asked."""
    asked = folds.where(np.isfinite(folds.kinds).all(1))
    if not len(asked):
        return {}
    refused = non_radiograph_log_odds(asked.kinds) >= refusal
    return with_intervals(
        lambda weights: {"refused": float(np.average(refused, weights=weights))},
        asked.groups,
        *resampling,
        {"refused": np.ones(len(asked), bool)},
    )


def _unseen(scores: DetectorScores, resampling: Resampling) -> dict[str, Any] | None:
    if not len(scores):
        return None
    found = sliced(scores, scores.fracture, resampling)
    if "auroc" in found:
        found["roc"] = roc_points(scores.fracture, scores.labels == 1)
    return found | {"places": places_figures(scores, resampling)}


def _by_file(scores: DetectorScores, resampling: Resampling) -> dict[str, Any] | None:
    """All pictures, and apart the files of one size.

    Most files of this size are of healthy bones. A network that only recognises the source does well on all
    of them, and no better than chance on either side.
    """
    if not len(scores):
        return None
    folds = np.char.startswith(scores.splits.astype(str), "repeat-").all()
    values = cross_called(scores)[0] if folds else scores.fracture
    small = (scores.sizes == _THUMBNAIL).all(1)
    return {
        name: ranking(scores.where(keep), values[keep], resampling)
        for name, keep in (
            ("all", np.ones(len(scores), bool)),
            ("224 × 224", small),
            ("others", ~small),
        )
        if keep.any()
    }


def _curves(
    scores: DetectorScores, probabilities: np.ndarray, resampling: Resampling
) -> dict[str, Any]:
    fractured = scores.labels == 1
    if fractured.all() or not fractured.any():
        return {}
    return {
        "roc": roc_points(probabilities, fractured),
        "reliability": reliability(scores, probabilities, resampling),
        "thresholds": threshold_rows(probabilities, fractured, fit_call(scores)),
    }
