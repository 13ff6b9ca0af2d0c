"""The first reading of a blind case: locked before its reader is shown what the model says."""

from collections.abc import Iterable

from django.db import transaction

from accounts.acts import Act
from accounts.models import User
from accounts.services.events import emit
from triage.disclosure import DisclosedCase
from triage.models import Case, Review
from triage.review.actions import Action, Actions
from triage.review.checks import checked
from triage.review.claim_limit import lock_claims_of, require_room
from triage.review.claims import claim_locked_case, lock_case
from triage.review.drafts import Followed, end_draft
from triage.review.opinion import GivenOpinion, stored_columns
from triage.vocabulary import Stage
from triage.worklist.one_case import shown_case


def has_switched(first: Review | None, final: GivenOpinion) -> bool | None:
    """Whether the final opinion differs from the first reading: another answer, or other types.

    None where there was no first reading.
    """
    if first is None:
        return None
    return (first.fracture, set(first.classes)) != (final.fracture, set(final.classes))


def reviews_shown(
    shown: DisclosedCase, user: User, reviews: Iterable[Review] | None = None
) -> Iterable[Review]:
    """The signed opinions of a case that ``user`` may see now, the oldest first, each with the case.

    None while the model's output is hidden from them: a review that agrees with the model reveals it. Of a
    sealed case only their own: another reader's first reading would be a suggestion too.

    Args:
        reviews: all of the case's, where they were loaded; None loads them with what a list of them shows.
    """
    if not shown.is_shown:
        return []
    if reviews is None:
        loaded = Review.objects.filter(case=shown.case).with_predictions()
        reviews = loaded.select_related("reader", "superseded_by")
    found = [
        review for review in reviews if not shown.case.is_sealed or review.reader_id == user.pk
    ]
    for review in found:
        review.case = shown.case
    return found


@transaction.atomic
def lock_first_reading(
    *, case: Case, reader: User, given: GivenOpinion, followed: Followed | None = None
) -> Review:
    """Stores what ``reader`` says before they see what the model says. It can't be changed after that.

    1. Lock the number of the reader's claims, then the case and its reading; claim the case.
    2. Store the review and end the reader's draft. The case stays open and theirs: the final opinion follows.
    3. Emit the events last.

    Raises:
        Refused: the opinion doesn't hold together, or agrees with what nobody has shown yet.
        NotPermitted: not a reader of this case.
        Conflict: another reader holds it; it is not blind, or closed; they have locked one already; or hold
            as many cases as one may.
    """
    lock_claims_of(reader)
    case = lock_case(case)
    Actions(case, reader).require(Action.LOCK_FIRST)
    if not case.is_claimed_by(reader):
        require_room(reader)  # they hold the case afterwards
    claimed = claim_locked_case(case, reader)
    given = checked(given, None, shown_case(reader, case))
    said = {"stage": Stage.FIRST, **stored_columns(given)}
    review = Review.objects.create(case=case, reading=claimed.reading, reader=reader, **said)
    end_draft(case=case, reader=reader, given=given, followed=followed)
    claimed.emit()
    emit(
        Act.REVIEW_FIRST_LOCKED,
        review,
        actor=reader,
        site=case.site,
        before={},
        after={"first_reading": str(review.pk)},
        private=Review.PRIVATE_FIELDS,  # all: which of them were filled in tells what they say
        case=str(case.pk),
    )
    return review
