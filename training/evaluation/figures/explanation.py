"""The figures of the maps: does hiding what they point at cost more than hiding random cells?"""

from typing import Any

import numpy as np

from training.evaluation.deletion import Deletion
from training.evaluation.figures.bootstrap import Figures, with_intervals
from training.fitting.explain import SHARES


def explanation_figures(deletion: Deletion, seed: int, resamples: int) -> dict[str, Any] | None:
    """Mean probability of the top class over all hidden shares, in the map's and in random order.

    Also their difference, and both curves. None if nothing was measured.
    """
    if not len(deletion):
        return None
    areas = {"by_map": deletion.by_map.mean(1), "by_chance": deletion.by_chance.mean(1)}

    def figures(weights: np.ndarray) -> Figures:
        means = {name: float(np.average(area, weights=weights)) for name, area in areas.items()}
        return means | {"lower_by_map": means["by_chance"] - means["by_map"]}

    return {
        "pictures": len(deletion),
        **with_intervals(figures, deletion.groups, seed, resamples),
        "curves": [
            {
                "hidden": share,
                "by_map": round(float(deletion.by_map[:, step].mean()), 4),
                "by_chance": round(float(deletion.by_chance[:, step].mean()), 4),
            }
            for step, share in enumerate(SHARES)
        ],
    }
