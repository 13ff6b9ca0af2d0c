"""Figures of places: the pointing game, FROC, small and large fractures, and how well the boxes fit."""

from functools import partial
from typing import Any

import numpy as np

from training.evaluation.detector.call import Resampling
from training.evaluation.detector.outcomes import SIZES
from training.evaluation.detector.ranked import RankedCandidates
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.figures.bootstrap import Figures, with_intervals

FALSE_BOXES = {"froc_05": 0.5, "froc_1": 1.0}  # a picture, at which a share of breaks is found
_AT = 1.0  # of these, at which sizes and fit are computed
_CURVE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def places_figures(scores: DetectorScores, resampling: Resampling) -> dict[str, Any] | None:
    """None if no picture has a true box.

    ``focus`` counts the pictures with a box. FROC counts these and the healthy ones, on which every box is
    false. A fractured picture without a box can't say whether a candidate is right, and is left out.
    """
    boxed = scores.boxes.sum(1) > 0
    if not boxed.any():
        return None
    kept = scores.where(boxed | (scores.labels == 0))
    boxed = kept.boxes.sum(1) > 0
    shares = {"focus": boxed, **dict.fromkeys(FALSE_BOXES, boxed)}
    shares |= {f"size {name}": kept.boxes[:, index] > 0 for index, name in enumerate(SIZES)}
    weighted = partial(_weighted, RankedCandidates.of(kept), boxed, kept.focus == 1)
    found = with_intervals(weighted, kept.groups, *resampling, shares)
    return {
        "pictures": len(kept),
        "with_boxes": int(boxed.sum()),
        "boxes": int(kept.boxes.sum()),
        **{name: found[name] for name in ("focus", *FALSE_BOXES, "iou") if name in found},
        "sizes": {
            name: {"boxes": int(count), "found": found[f"size {name}"]}
            for name, count in zip(SIZES, kept.boxes.sum(0), strict=True)
            if f"size {name}" in found
        },
        "curve": [
            {
                "false_boxes": most,
                "found": round(point["value"], 4),
                "interval": [round(bound, 4) for bound in point["interval"]],
            }
            for most, point in ((most, found[f"curve {most}"]) for most in _CURVE)
        ],
    }


def _weighted(
    candidates: RankedCandidates, boxed: np.ndarray, focus_inside: np.ndarray, weights: np.ndarray
) -> Figures:
    """The figures with ``weights`` (N,). ``boxed``, ``focus_inside`` (N,) bool: the picture has a box; the
    map's highest cell lies in one.
    """
    pointed = weights * boxed
    if not pointed.any():
        return {}
    found = {"focus": float(pointed[focus_inside].sum() / pointed.sum())}
    false, share = candidates.curve(weights)
    for name, most in FALSE_BOXES.items():
        found[name] = float(np.interp(most, false, share))
    for most in _CURVE:
        found[f"curve {most}"] = float(np.interp(most, false, share))
    for name, share_of_size in candidates.by_size(weights, _AT).items():
        found[f"size {name}"] = share_of_size
    overlap = candidates.mean_overlap(weights, _AT)
    return found if overlap is None else found | {"iou": overlap}
