"""The rule that decides whether a release's fracture call may be used."""

from typing import Any

# Each bound must hold for the worse end of the 95 % interval, so that a small set can't pass by chance.
#
# AUROC: below 0.80 a test is of limited use in a clinic even where it is better than chance (Çorbacıoğlu and
# Aksel, Turkish Journal of Emergency Medicine 2023;23:195).
AUROC = 0.80
# Operating points: they are set so that 95 % of the fractured are not called negative, and 95 % of the
# healthy are not called positive (training.evaluation.calibration). With ten points less, "negative" and
# "positive" would no longer mean what the release says.
SENSITIVITY_NOT_NEGATIVE = 0.85
SPECIFICITY_POSITIVE = 0.85
# Refused: the figures count pictures with a call. If many have none, the others are a selection.
MOST_REFUSED = 0.10
# Fewer than a hundred pictures with and a hundred without a fracture say too little of a model (Vergouwe and
# others, Journal of Clinical Epidemiology 2005;58:475), and a bootstrap of fewer than thirty groups gives
# intervals that are too narrow (Cameron, Gelbach and Miller, Review of Economics and Statistics 2008;90:414).
PICTURES = 100
GROUPS = 30

EXTERNAL_TEST = "fracatlas"  # the collection that is a run's external test set
COLLECTIONS = {EXTERNAL_TEST: "FracAtlas, three hospitals in Bangladesh"}
"""How a sentence names a collection; other collections are named by their folder."""

_BOUNDS = (
    ("auroc", "its AUROC, which is 0.5 by chance,", AUROC),
    (
        "sensitivity_not_negative",
        "the share of fractures not called negative",
        SENSITIVITY_NOT_NEGATIVE,
    ),
    (
        "specificity_positive",
        "the share of healthy bones not called positive",
        SPECIFICITY_POSITIVE,
    ),
)


def call_usability(measured: dict[str, Any] | None) -> dict[str, Any]:
    """``usable`` and ``usable_reason``, one sentence, of a manifest's ``call``.

    ``measured``: the result of ``training.evaluation.external.figures``. A release that was not measured on
    an external collection is not usable.
    """
    if measured is None:
        return usability(False, "It was not measured on pictures of another hospital.")
    found = faults(measured)
    if not found:
        return usability(True, f"{_measured_on(measured)} {bounded_figures(measured)}.")
    # One fault is enough for the sentence; the model card has all figures.
    return usability(False, f"{_measured_on(measured)} {found[0]}.")


def usability(usable: bool, reason: str) -> dict[str, Any]:
    return {"usable": usable, "usable_reason": reason}


def _measured_on(measured: dict[str, Any]) -> str:
    name = measured["collection"]
    return f"On {measured['pictures']:,} pictures that it never saw ({COLLECTIONS.get(name, name)})"


def bounded_figures(measured: dict[str, Any]) -> str:
    """The figures that have bounds, as the rest of a sentence."""
    return ", ".join(f"{title} is {shown(measured[key])}" for key, title, _ in _BOUNDS)


def shown(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} (95 % interval {low:.3f} to {high:.3f})"


def briefly(figure: dict[str, Any]) -> str:
    """As ``shown``, without the words for the interval."""
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.3f}–{high:.3f})"


def is_small(measured: dict[str, Any]) -> bool:
    """Whether a collection has too few pictures or groups for any conclusion."""
    healthy = measured["pictures"] - measured["fractured"]
    return min(measured["fractured"], healthy) < PICTURES or measured["groups"] < GROUPS


def fails_clearly(measured: dict[str, Any]) -> bool:
    """Whether even the better end of an interval misses its bound."""
    missed = any(
        name in measured and measured[name]["interval"][1] < least for name, _, least in _BOUNDS
    )
    return missed or measured["refused"]["interval"][0] > MOST_REFUSED


def faults(measured: dict[str, Any]) -> list[str]:
    """What forbids the use of a call, each as the rest of a sentence; empty if nothing does.

    ``measured``: pictures, fractured, groups, the figures that have bounds, and ``refused``.
    """
    healthy = measured["pictures"] - measured["fractured"]
    if is_small(measured):
        return [
            f"there are {measured['fractured']:,} with a fracture and {healthy:,} without, in "
            f"{measured['groups']:,} groups, and at least {PICTURES} of each and {GROUPS} groups are needed"
        ]
    if any(name not in measured for name, _, _ in _BOUNDS):
        return ["it gives no call to any bone with, or to any bone without, a fracture"]
    found = [
        f"{title} is {shown(measured[key])}, and the whole interval must be at least {least:.2f}"
        for key, title, least in _BOUNDS
        if measured[key]["interval"][0] < least
    ]
    if "refused" not in measured:
        found.append("nobody counted how many it refuses")
    elif measured["refused"]["interval"][1] > MOST_REFUSED:
        found.append(
            f"the share that it refuses is {shown(measured['refused'])}, and the whole interval must be at "
            f"most {MOST_REFUSED:.2f}"
        )
    return found
