"""Label sets: how often the predicted type is any type that the radiograph is filed under."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.conflicts import Conflicts
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals


def label_set_figures(
    types: ClassifierScores, conflicts: Conflicts, seed: int, resamples: int
) -> dict[str, Any] | None:
    """None if no radiograph with several types was scored.

    ``accuracy``: over all radiographs, each against the set of its types. ``accuracy_on_conflicts``: over
    those with several types. ``labels``: their mean number of types; the more, the easier a hit by chance.
    The predicted type is the one with the highest raw score, which a temperature doesn't change.
    """
    if not len(conflicts):
        return None
    named = conflicts.labels[np.arange(len(conflicts)), conflicts.logits.argmax(1)]
    right = np.concatenate([types.logits.argmax(1) == types.labels, named])
    several = np.arange(len(right)) >= len(types)
    groups = np.concatenate([types.groups, conflicts.groups])

    def of(keep: np.ndarray) -> Callable[[np.ndarray], Figures]:
        hits, ours = right[keep], several[keep]

        def figures(weights: np.ndarray) -> Figures:
            found = {"accuracy": float(np.average(hits, weights=weights))}
            if weights[ours].any():  # a resample of few groups may have none
                found["accuracy_on_conflicts"] = float(
                    np.average(hits[ours], weights=weights[ours])
                )
            return found

        return figures

    repeats = np.concatenate([types.repeats, conflicts.repeats])
    shares = {"accuracy": np.ones(len(right), bool), "accuracy_on_conflicts": several}
    return {
        "pictures": len(np.unique(np.concatenate([types.ids, conflicts.ids]))),
        "conflicts": len(np.unique(conflicts.ids)),
        "groups": len(np.unique(groups)),
        "groups_of_conflicts": len(np.unique(conflicts.groups)),
        "labels": round(float(conflicts.labels.sum(1).mean()), 2),
        **with_intervals(mean_of_repeats(repeats, of), groups, seed, resamples, shares),
    }
