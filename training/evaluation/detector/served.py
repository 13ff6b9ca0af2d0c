"""The boxes that a page shows, measured in pictures that are called positive or in doubt.

The free-response ROC of ``places`` takes the hottest candidates of all pictures. A release shows the best one
of every picture that isn't called negative, whatever its heat, and none of the others.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from training.evaluation.detector.calibration import cross_told
from training.evaluation.detector.call import Resampling
from training.evaluation.detector.scores import Candidates, DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals


def served_figures(
    folds: DetectorScores, calls: np.ndarray, resampling: Resampling
) -> dict[str, Any] | None:
    """None if no picture has a true box. ``calls`` (N,): -1 negative, 0 doubt, 1 positive.

    For ``positive``, ``doubt`` and ``both``: ``pictures`` with that call and the ``boxes`` shown there;
    ``first_right`` and ``further_right``, the share of the best boxes and of the others that lie on a
    fracture; ``found``, the share of all fractures, also those in negative pictures, that are shown there;
    ``false`` and ``false_healthy``, false boxes per picture and per healthy picture with that call. Fractured
    pictures without a true box are left out.
    """
    if not folds.boxes.any():
        return None
    with_boxes = replace(folds, candidates=folds.candidates.where(cross_told(folds, calls)))
    known = (folds.boxes.sum(1) > 0) | (folds.labels == 0)
    shown, known_calls = with_boxes.where(known), calls[known]
    return {
        name: _of_call(shown, there, resampling)
        for name, there in (
            ("positive", known_calls > 0),
            ("doubt", known_calls == 0),
            ("both", known_calls >= 0),
        )
    }


def _of_call(shown: DetectorScores, there: np.ndarray, resampling: Resampling) -> dict[str, Any]:
    boxes = shown.candidates.where(there[shown.candidates.pictures])
    shares = {"first_right": there, "found": shown.boxes.sum(1) > 0}
    return {
        "pictures": int(there.sum()),
        "boxes": len(boxes),
        **with_intervals(_counted(shown, there, boxes), shown.groups, *resampling, shares),
    }


def _counted(
    shown: DetectorScores, there: np.ndarray, boxes: Candidates
) -> Callable[[np.ndarray], Figures]:
    right, best = boxes.hits >= 0, boxes.ranks == 0
    healthy = there & (shown.labels == 0)
    named = np.stack([boxes.pictures, np.where(right, boxes.hits, -1)], 1)
    once = np.zeros(len(boxes), bool)
    once[np.unique(named, axis=0, return_index=True)[1]] = True
    once &= right  # a second box on a fracture finds nothing new
    of_healthy = healthy[boxes.pictures]
    breaks = shown.boxes.sum(1)

    def figures(weights: np.ndarray) -> Figures:
        of_boxes = weights[boxes.pictures]
        counts = {
            "first_right": (of_boxes @ (best & right), of_boxes @ best),
            "further_right": (of_boxes @ (~best & right), of_boxes @ ~best),
            "found": (of_boxes @ once, weights @ breaks),
            "false": (of_boxes @ ~right, weights @ there),
            "false_healthy": (of_boxes @ (of_healthy & ~right), weights @ healthy),
        }
        return {name: float(part / whole) for name, (part, whole) in counts.items() if whole}

    return figures
