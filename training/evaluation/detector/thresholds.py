"""Sensitivity and specificity at many thresholds of P(fracture), for sites that set their own points."""

import numpy as np

from classifier.call import CallRule

# The spacing is even in log-odds, so it is finer near 0 and near 1: most pictures, and the first operating
# point, lie below 5 %.
_ENDS, _STEPS = 8.0, 97
_DECIMALS = 6  # decimals of an operating point in a manifest


def threshold_rows(
    probabilities: np.ndarray, fractured: np.ndarray, rule: CallRule
) -> list[dict[str, float]]:
    """``at``: 0, 1, the two operating points of ``rule`` and 97 points between, in rising order.

    ``sensitivity``: the share of the ``fractured`` (N,) bool pictures whose P(fracture) (N,) is at least
    ``at``. ``specificity``: the share of the others whose P(fracture) is below it. Both states must occur.
    """
    grid = 1 / (1 + np.exp(-np.linspace(-_ENDS, _ENDS, _STEPS)))
    points = np.unique(
        np.append(grid, (0.0, rule.negative_below, rule.positive_from, 1.0)).round(_DECIMALS)
    )
    broken, healthy = np.sort(probabilities[fractured]), np.sort(probabilities[~fractured])
    # "left" counts the pictures strictly below a point, as ``CallRule.call`` does.
    missed, right = (np.searchsorted(some, points, "left") for some in (broken, healthy))
    return [
        {
            "at": float(at),
            "sensitivity": round(1 - below / len(broken), 4),
            "specificity": round(below_healthy / len(healthy), 4),
        }
        for at, below, below_healthy in zip(points, missed.tolist(), right.tolist(), strict=True)
    ]
