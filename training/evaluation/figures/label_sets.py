"""Of the ten types, radiographs of several included: how often a call names any type of a radiograph."""

from collections.abc import Callable
from typing import Any

import numpy as np

from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.conflicts import Conflicts
from training.evaluation.figures.bootstrap import Figures, mean_of_repeats, with_intervals


def label_set_figures(
    types: ClassifierScores, conflicts: Conflicts, seed: int, resamples: int
) -> dict[str, Any] | None:
    """None where no radiograph of several types was scored.

    ``accuracy``: over all radiographs, each against the set of its types, of which ``types`` have one.
    ``accuracy_on_conflicts``: over those of several alone. ``labels``: how many types these have on average;
    the more, the easier it is to name one by chance. The type of the highest raw score is called: a
    temperature does not change which that is.
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
            if weights[ours].any():  # a resample of few groups may have drawn none
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
