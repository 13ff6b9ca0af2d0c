"""An opinion as a reader gives it: one shape for page, draft, REST and the row that is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.models import Review


@dataclass(frozen=True)
class GivenOpinion:
    """What a reader says of a case. The names are those of form fields, of REST and of ``Review``.

    ``fracture``: a value of ``FractureCertainty``, "" while nothing was chosen. All that follows but
    ``other_finding`` and ``comment`` is said of a fracture only, certain or possible.
    ``classes``: its types; empty where the reader names none. ``displaced``, ``old``: None where not said.
    ``places``: where it lies, as ``Review.places``.
    ``agrees``: the reader agrees with the prediction that they saw, and changed nothing that it says.

    Values may be anything that somebody sent; ``triage.review.checks.checked`` says what is kept.
    """

    fracture: str = ""
    classes: tuple[str, ...] = ()
    displaced: bool | None = None
    old: bool | None = None
    places: tuple[Mapping[str, Any], ...] = ()
    other_finding: str = ""
    comment: str = ""
    agrees: bool = False


def given_in(review: Review) -> GivenOpinion:
    """What was signed, as it was given: a correction starts with it."""
    return GivenOpinion(
        fracture=review.fracture,
        classes=tuple(review.classes),
        displaced=review.displaced,
        old=review.old,
        places=tuple(review.places),
        other_finding=review.other_finding,
        comment=review.comment,
        agrees=review.agrees,
    )


def stored_columns(given: GivenOpinion) -> dict[str, Any]:
    """The opinion as columns of ``Review``."""
    return {**vars(given), "classes": list(given.classes), "places": list(given.places)}
