"""The figures of a finished release's fracture call on an external collection."""

from typing import Any

import numpy as np

from training.evaluation.external.scores import CALLED, ExternalScores
from training.evaluation.figures.bootstrap import with_intervals
from training.evaluation.figures.fracture import binary_figures

# A part with fewer fractured or fewer healthy pictures gives no useful figure.
_FEWEST = 10
_SIGNS = {"positive": 1, "doubt": 0, "negative": -1}
_BY_MARK = {
    "body part": ("hand", "leg", "hip", "shoulder"),
    "view": ("frontal", "lateral", "oblique"),
}
_WITHOUT_AND_WITH = {
    "hardware": ("hardware", "without", "with"),
    "plaster": ("plaster", "without", "with"),
    "multiscan": ("views in one file", "one", "several"),
}


def external_figures(scores: ExternalScores, seed: int, resamples: int) -> dict[str, Any] | None:
    """None if nothing was measured. Intervals resample whole groups.

    ``auroc`` counts all readable pictures, so that refusing difficult ones doesn't improve it.
    ``auroc_called``, operating points, doubt and calibration count those with a call; ``refused`` is the
    share without one. The same by body part, hardware and view, if the collection has them; a picture of two
    parts counts in both.
    """
    if not len(scores):
        return None
    readable = scores.where(scores.calls != "unread")
    return {
        "collection": scores.collection,
        "unread": len(scores) - len(readable),
        **_figures(readable, seed, resamples),
        "slices": {
            kind: {
                name: _figures(readable.where(keep), seed, resamples, _FEWEST)
                for name, keep in parts.items()
                if keep.any()
            }
            for kind, parts in _slices(readable).items()
        },
    }


def _figures(
    readable: ExternalScores, seed: int, resamples: int, fewest: int = 1
) -> dict[str, Any]:
    """Figures that need both states are left out if one has fewer than ``fewest`` pictures."""
    given = np.isin(readable.calls, CALLED)
    called = readable.where(given)
    found = {
        "pictures": len(readable),
        "fractured": int(readable.labels.sum()),
        "groups": len(np.unique(readable.groups)),
        "called": len(called),
        **with_intervals(
            lambda weights: {"refused": float(np.average(~given, weights=weights))},
            readable.groups,
            seed,
            resamples,
            {"refused": np.ones(len(readable), bool)},
        ),
    }
    if _both_states(readable, fewest):
        found["auroc"] = _of_the_call(readable, seed, resamples)["auroc"]
    if _both_states(called, fewest):
        figures = _of_the_call(called, seed, resamples)
        found |= {"auroc_called": figures.pop("auroc"), **figures}
    return found


def _both_states(scores: ExternalScores, fewest: int) -> bool:
    fractured = int(scores.labels.sum())
    return min(fractured, len(scores) - fractured) >= fewest


def _of_the_call(scores: ExternalScores, seed: int, resamples: int) -> dict[str, Any]:
    """AUROC, operating points, doubt and calibration error; a picture without a call is like one in doubt."""
    signs = np.array([_SIGNS.get(call, 0) for call in scores.calls])
    ill = scores.labels == 1
    shares = {
        f"{name}_{call}": rows
        for name, rows in (("sensitivity", ill), ("specificity", ~ill))
        for call in ("not_negative", "positive")
    } | {"doubt": np.ones(len(ill), bool)}
    probabilities = 1 / (1 + np.exp(-scores.log_odds))
    figures = binary_figures(probabilities, signs, scores.labels)
    return with_intervals(figures, scores.groups, seed, resamples, shares)


def _slices(readable: ExternalScores) -> dict[str, dict[str, np.ndarray]]:
    """Kind of slice → name → (N,) bool, for each property in the collection's manifest."""
    marks = readable.marks
    found = {
        kind: {name: marks[name] for name in names if name in marks}
        for kind, names in _BY_MARK.items()
    }
    for mark, (title, without, having) in _WITHOUT_AND_WITH.items():
        if mark in marks:
            found[title] = {without: ~marks[mark], having: marks[mark]}
    return {kind: parts for kind, parts in found.items() if parts}
