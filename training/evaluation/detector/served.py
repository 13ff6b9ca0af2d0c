"""The boxes that a page shows: what they are worth, in pictures that are called positive or in doubt.

The free-response ROC of ``places`` takes the hottest candidates of all pictures. A release tells the best one
of every picture that isn't called negative, however cold it is, and none of the others.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from training.evaluation.detector.calibration import cross_told
from training.evaluation.detector.call import Drawn
from training.evaluation.detector.scores import Candidates, DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals


def served_figures(folds: DetectorScores, calls: np.ndarray, drawn: Drawn) -> dict[str, Any] | None:
    """None where no picture has a true box. ``calls`` (N,): -1 negative, 0 doubt, 1 positive.

    ``positive``, ``doubt`` and ``both`` each: ``pictures`` of that call and ``boxes`` told there;
    ``first_right`` and ``further_right``, the shares of the best boxes and of the others that lie on a break;
    ``found``, the share of all breaks, also of those in negative pictures, that are told there; ``false``
    and ``false_healthy``, false boxes a picture and a healthy picture of that call. What has no picture is
    left out. A fractured picture without a true box says nothing of a box and is left out of all.
    """
    if not folds.boxes.any():
        return None
    told = replace(folds, candidates=folds.candidates.where(cross_told(folds, calls)))
    known = (folds.boxes.sum(1) > 0) | (folds.labels == 0)
    shown, said = told.where(known), calls[known]
    return {
        name: _of_call(shown, there, drawn)
        for name, there in (("positive", said > 0), ("doubt", said == 0), ("both", said >= 0))
    }


def _of_call(shown: DetectorScores, there: np.ndarray, drawn: Drawn) -> dict[str, Any]:
    boxes = shown.candidates.where(there[shown.candidates.pictures])
    shares = {"first_right": there, "found": shown.boxes.sum(1) > 0}
    return {
        "pictures": int(there.sum()),
        "boxes": len(boxes),
        **with_intervals(_counted(shown, there, boxes), shown.groups, *drawn, shares),
    }


def _counted(
    shown: DetectorScores, there: np.ndarray, boxes: Candidates
) -> Callable[[np.ndarray], Figures]:
    right, best = boxes.hits >= 0, boxes.ranks == 0
    healthy = there & (shown.labels == 0)
    named = np.stack([boxes.pictures, np.where(right, boxes.hits, -1)], 1)
    once = np.zeros(len(boxes), bool)
    once[np.unique(named, axis=0, return_index=True)[1]] = True
    once &= right  # a second box on a break finds nothing new
    of_healthy = healthy[boxes.pictures]
    breaks = shown.boxes.sum(1)

    def figures(weights: np.ndarray) -> Figures:
        drawn = weights[boxes.pictures]
        counts = {
            "first_right": (drawn @ (best & right), drawn @ best),
            "further_right": (drawn @ (~best & right), drawn @ ~best),
            "found": (drawn @ once, weights @ breaks),
            "false": (drawn @ ~right, weights @ there),
            "false_healthy": (drawn @ (of_healthy & ~right), weights @ healthy),
        }
        return {name: float(part / whole) for name, (part, whole) in counts.items() if whole}

    return figures
