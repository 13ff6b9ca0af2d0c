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
    """One row for each pair: operating points fitted on the folds of one collection (``learnt``: releases
    store this name) and checked on another (``checked``).

    ``seen``: the networks were trained on the checked collection's other folds; else on no picture of it.
    """
    found = []
    for trained_on, checked in ((FRACATLAS, MULTI_REGION), (MULTI_REGION, FRACATLAS)):
        folds = scores.of(trained_on)
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
                found.append({"learnt": trained_on, "checked": checked, "seen": seen, **figures})
    return found
