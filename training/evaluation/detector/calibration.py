"""The numbers that a release's detector is served with, fitted on held-out scores of the folds."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from classifier.boxes import BoxRule
from classifier.call import CallRule
from training.datasets.collections import FRACATLAS
from training.errors import TrainingError
from training.evaluation.calibration import called
from training.evaluation.calibration import fit_call as fit_rule
from training.evaluation.detector.outcomes import MOST, OVERLAP
from training.evaluation.detector.ranked import RankedCandidates
from training.evaluation.detector.scores import DetectorScores

# Mean number of false boxes in a picture that is called positive. If all pictures had one, healthy ones too,
# positive ones had two, and boxes were shown of which 2 in 100 lie on a fracture.
FALSE_BOXES = 1.0


def fit_call(scores: DetectorScores) -> CallRule:
    """Platt's calibration and the two operating points, fitted on the folds of FracAtlas.

    FracAtlas is a hospital's collection: its fractured and healthy bones come from the same machines. It is
    the only one whose share of fractured bones (17 %) is near a clinic's.

    Raises TrainingError if the folds have only one of the two states.
    """
    folds = scores.of(FRACATLAS)
    if len(np.unique(folds.labels)) < 2:
        raise TrainingError(
            "The detector's call can't be calibrated: its folds don't hold both fractured and healthy "
            "pictures of FracAtlas."
        )
    return fit_rule(folds.fracture, folds.labels)


def fit_boxes(scores: DetectorScores) -> dict[str, Any]:
    """``detector.boxes`` of a manifest, fitted on the candidates of the folds of FracAtlas.

    Platt's calibration of the heat at a peak gives the chance that it lies on a fracture. ``score_from`` is
    set so that positive pictures have one false box on average (all pictures, if none is positive).
    """
    folds = scores.of(FRACATLAS)
    heats, hits = folds.candidates.heats, folds.candidates.hits >= 0
    slope, intercept = _platt(heats, hits)
    positive = cross_called(folds)[1] > 0
    shown = folds.where(positive) if positive.any() else folds
    least = RankedCandidates.of(shown).heat_at(np.ones(len(shown)), FALSE_BOXES)
    return {
        "method": (
            "Platt's calibration of the heat at a peak, on candidates of held-out FracAtlas pictures; "
            f"further boxes from the score at which there is {FALSE_BOXES:g} false box in a picture called "
            "positive"
        ),
        "slope": round(slope, 6),
        "intercept": round(intercept, 6),
        "overlap": OVERLAP,
        "score_from": round(_share(slope * least + intercept), 6),
        "most": MOST,
    }


def cross_called(scores: DetectorScores) -> tuple[np.ndarray, np.ndarray]:
    """P(fracture) (N,) and calls (N,), -1 negative, 0 doubt, 1 positive, by a rule fitted on the other
    folds.
    """
    probabilities, calls = np.zeros(len(scores)), np.zeros(len(scores), int)
    for split in np.unique(scores.splits):
        here = scores.splits == split
        rule = rule_of_the_others(scores, str(split))
        probabilities[here], calls[here] = ruled(scores.fracture[here], rule)
    return probabilities, calls


def cross_told(scores: DetectorScores, calls: np.ndarray) -> np.ndarray:
    """(M,) bool: the candidates that a page would show for these ``calls`` (N,).

    A negative picture shows none. Another picture shows its best one, and further ones from ``score_from``
    on. The numbers for a fold are fitted on the same repeat's other folds.
    """
    found = scores.candidates
    is_shown = found.ranks == 0
    splits = scores.splits[found.pictures]
    for split in np.unique(splits):
        here = splits == split
        rule = BoxRule(**_numbers(fit_boxes(scores.where(_other_folds(scores, str(split))))))
        shown = rule.probability(found.heats[here]).round(4) >= rule.score_from
        is_shown[here] |= shown & (found.ranks[here] < rule.most)
    return is_shown & (calls[found.pictures] >= 0)


def ruled(fracture: np.ndarray, rule: CallRule) -> tuple[np.ndarray, np.ndarray]:
    """(N,) raw log-odds → P(fracture) (N,) and calls (N,)."""
    probabilities = np.array([rule.probability(score) for score in fracture])
    return probabilities, called(probabilities, rule)


def rule_of_the_others(scores: DetectorScores, split: str) -> CallRule:
    """The rule for one fold, fitted on the same repeat's other folds.

    ``scores``: of the collection whose calibration is wanted; multi-region's own folds are calibrated on
    multi-region, for example. If they lack a state, raw scores are used and every call is doubt.
    """
    rest = _other_folds(scores, split)
    if len(np.unique(scores.labels[rest])) < 2:
        return CallRule(1.0, 0.0, 0.0, 1.0)
    return fit_rule(scores.fracture[rest], scores.labels[rest])


def _other_folds(scores: DetectorScores, split: str) -> np.ndarray:
    """(N,) bool: the measured pictures of the same repeat's other folds."""
    repeat = split.partition("-fold-")[0]
    rest = np.char.startswith(scores.splits.astype(str), f"{repeat}-fold-")
    return rest & (scores.splits != split) & scores.measured


def _numbers(boxes: dict[str, Any]) -> dict[str, Any]:
    """A manifest's ``detector.boxes`` without the words."""
    return {name: number for name, number in boxes.items() if name != "method"}


def _platt(heats: np.ndarray, hits: np.ndarray) -> tuple[float, float]:
    """Platt's calibration; a constant (Laplace's rule of succession) if all candidates hit or none does.

    A network after few epochs can therefore be released, and says how little it knows.
    """
    if len(np.unique(hits)) < 2:
        return 1e-6, float(np.log((hits.sum() + 1) / ((~hits).sum() + 1)))
    model = LogisticRegression(C=1e6).fit(heats[:, None], hits)
    return max(float(model.coef_[0, 0]), 1e-6), float(model.intercept_[0])


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(log_odds, -60, 60))))
