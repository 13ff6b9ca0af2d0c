"""Operating points that were fitted on one source, checked on another."""

from typing import Any

import numpy as np

from training.datasets.collections import FRACATLAS, MULTI_REGION
from training.evaluation.calibration import fit_call
from training.evaluation.detector.calibration import ruled
from training.evaluation.detector.call import Resampling, operating
from training.evaluation.detector.scores import DetectorScores
from training.fitting.detection.splits import WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION

_CHECKED = {FRACATLAS: WITHOUT_FRACATLAS, MULTI_REGION: WITHOUT_MULTI_REGION}


def transfer_figures(scores: DetectorScores, resampling: Resampling) -> list[dict[str, Any]]:
    """One row for each pair: ``learnt`` on the folds of a collection, ``checked`` on another.

    ``seen``: the networks have learnt from the checked collection's other folds; else from no picture of it.
    """
    found = []
    for learnt, checked in ((FRACATLAS, MULTI_REGION), (MULTI_REGION, FRACATLAS)):
        folds = scores.of(learnt)
        if len(np.unique(folds.labels)) < 2:
            continue
        rule = fit_call(folds.fracture, folds.labels)
        for seen, there in (
            (True, scores.of(checked)),
            (False, scores.of(checked, _CHECKED[checked])),
        ):
            figures = (
                operating(there, *ruled(there.fracture, rule), resampling) if len(there) else {}
            )
            if figures:
                found.append({"learnt": learnt, "checked": checked, "seen": seen, **figures})
    return found
