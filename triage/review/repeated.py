"""Recognises a request that came twice: a double click, a reloaded page, a button pressed after going back.

Nothing is done a second time anyhow, since a case is closed by its first signature. But who pressed Sign once
too often must not read that their opinion was refused.
"""

from collections.abc import Sequence

from accounts.models import User
from accounts.texts import as_read
from triage.models import Case, Review
from triage.states import CaseState
from triage.vocabulary import Opinion


def is_signed_alike(
    case: Case,
    reader: User,
    *,
    opinion: str,
    classes: Sequence[str],
    comment: str,
    corrected: Review | None = None,
) -> bool:
    """Whether ``reader`` has signed exactly this: for the case, or as the correction of ``corrected``."""
    signed = Review.objects.filter(case=case, reader=reader, supersedes=corrected).first()
    if signed is None or (signed.opinion, signed.comment) != (opinion, as_read(comment)):
        return False
    # For "agree" the classes are the model's, whatever the form says.
    return opinion != Opinion.OTHER_CLASS or set(signed.classes) == set(classes)


def is_withdrawn_alike(case: Case, actor: User, reason: str) -> bool:
    """Whether ``actor`` has withdrawn the case with this reason."""
    return (
        case.state == CaseState.WITHDRAWN
        and case.withdrawn_by_id == actor.pk
        and case.withdrawn_reason == as_read(reason)
    )
