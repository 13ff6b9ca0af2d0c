"""Recognises a request that came twice: a double click, a reloaded page, a button pressed after going back.

Nothing is done a second time anyhow, since a case is closed by its first signature. But who pressed Sign once
too often must not read that their opinion was refused.
"""

from dataclasses import replace

from accounts.models import User
from accounts.refusals import Refused
from accounts.texts import as_read
from triage.models import Case, CriticalResult, Review
from triage.review.checks import as_kept
from triage.review.opinion import GivenOpinion, given_in
from triage.review.stages import first_reading_of
from triage.states import CaseState
from triage.vocabulary import Stage


def is_signed_alike(
    case: Case,
    reader: User,
    given: GivenOpinion,
    corrected: Review | None = None,
    *,
    critical: bool = False,
) -> bool:
    """Whether ``reader`` has signed exactly this: for the case, or as the correction of ``corrected``.

    ``critical``: they ticked that the clinic must hear of it at once. "Signed." would say that it does.
    """
    reviews = Review.objects.filter(case=case, reader=reader, supersedes=corrected)
    review = reviews.exclude(stage=Stage.FIRST).first()
    if critical and not CriticalResult.objects.filter(review=review, by_reader=True).exists():
        return False
    return _says(review, given)


def is_locked_alike(case: Case, reader: User, given: GivenOpinion) -> bool:
    """Whether ``reader`` has locked exactly this as their first reading."""
    return _says(first_reading_of(case, reader), given)


def _says(review: Review | None, given: GivenOpinion) -> bool:
    if review is None:
        return False
    signed = given_in(review)
    try:
        given = as_kept(given)
    except Refused:
        return False
    if given.agrees and signed.agrees:
        # Both are the model's, whatever the form says.
        given = replace(given, fracture=signed.fracture, classes=signed.classes)
    return given == signed


def is_withdrawn_alike(case: Case, actor: User, reason: str) -> bool:
    """Whether ``actor`` has withdrawn the case with this reason."""
    return (
        case.state == CaseState.WITHDRAWN
        and case.withdrawn_by_id == actor.pk
        and case.withdrawn_reason == as_read(reason)
    )
