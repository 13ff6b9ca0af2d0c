"""Signing and correcting opinions. Reviews are only ever added."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, Refused
from accounts.services.events import emit
from triage.models import Case, Review
from triage.models.reading import Ended
from triage.review.actions import refusal_to_correct
from triage.review.checks import checked
from triage.review.claims import claim_locked_case, end, lock_case
from triage.review.consequences import consequences_of
from triage.review.drafts import discard_draft
from triage.review.opinion import GivenOpinion, given_in
from triage.states import CASE_MOVES, CaseState, check_move
from triage.vocabulary import Stage
from triage.worklist.one_case import Unsealed, shown_case, unseal


@transaction.atomic
def sign(
    *,
    case: Case,
    reader: User,
    given: GivenOpinion,
    prediction_id: UUID | None = None,
    critical: bool = False,
) -> Review:
    """Signs the second opinion and closes the case.

    In this order, in one transaction:

    1. Lock the case and its reading, so that nobody else signs, claims or withdraws meanwhile.
    2. Claim the case, or renew the reader's own claim: a reader may sign without claiming first.
    3. Compare the prediction that the reader saw with the deciding one; only then does "agrees" mean it.
    4. Store the review, end the reader's draft, close the case, end the reading; open what
       follows from the opinion: a call-back, a critical result.
    5. Emit the events last, the claim's before the review's: their chain's lock is the last of all locks, and
       is held for the shortest time.

    Args:
        given: what the reader says. Where they agree, the prediction fills in what they left open.
        prediction_id: the deciding prediction that the reader saw, which "agrees" must name. If another
            one decides by now, it is Conflict. In doubt there is nothing to agree with.
        critical: the clinic must hear of it at once, whatever the site's table says.

    Raises:
        Refused: the opinion doesn't hold together. NotPermitted: not a reader of this case.
        Conflict: another reader holds it, or it is closed. Nothing is stored then.
    """
    case = lock_case(case)
    claimed = claim_locked_case(case, reader)
    disclosed_case = shown_case(reader, case)
    if prediction_id is not None and disclosed_case.deciding_id != prediction_id:
        raise Conflict(
            "suggestion_changed",  # clients of REST v1 know the code by this name
            _(
                "The prediction that gives the call has changed since you opened the case. Look again."
            ),
        )
    given = checked(given, disclosed_case.deciding, disclosed_case)
    if given.agrees and prediction_id is None:
        raise Refused("prediction_missing", _("Say which prediction you agree with."))
    review = Review.objects.create(
        case=case,
        reading=claimed.reading,
        reader=reader,
        stage=Stage.SECOND_OPINION,
        prediction_id=prediction_id,
        **_columns(given),
    )
    before = {"case_state": case.state, "claimed_by": str(reader.pk)}
    discard_draft(case=case, reader=reader)
    unsealed = unseal(case)
    _close(case, unsealed)
    opened = consequences_of(case, review, critical=critical)
    claimed.emit()
    unsealed.emit()
    emit(
        Act.REVIEW_SIGNED,
        review,
        actor=reader,
        site=case.site,
        before=before,
        after={"case_state": CaseState.REVIEWED, "claimed_by": None},
        private=_said(review),
        case=str(case.pk),
    )
    opened.emit()
    return review


def _close(case: Case, unsealed: Unsealed) -> None:
    check_move(case.state, CaseState.REVIEWED, CASE_MOVES)
    end(case, Ended.SIGNED)
    changes = {"state": CaseState.REVIEWED, "closed_at": Now(), **unsealed.columns}
    Case.objects.filter(pk=case.pk).update(**changes)


@transaction.atomic
def correct(*, review: Review, reader: User, given: GivenOpinion, critical: bool = False) -> Review:
    """Signs a correction of the reader's own review. The old row stays unchanged."""
    case = lock_case(review.case)
    review = Review.objects.select_related("superseded_by", "prediction").get(pk=review.pk)
    if refusal := refusal_to_correct(review, reader):
        raise refusal
    disclosed_case = shown_case(reader, case)
    disclosed = disclosed_case.disclose(review.prediction) if review.prediction else None
    correction = Review.objects.create(
        case=case,
        reading_id=review.reading_id,
        reader=reader,
        stage=review.stage,
        prediction=review.prediction,
        supersedes=review,
        **_columns(checked(given, disclosed, disclosed_case)),
    )
    opened = consequences_of(case, correction, corrected=review, critical=critical)
    emit(
        Act.REVIEW_CORRECTED,
        correction,
        actor=reader,
        site=case.site,
        before={"review": str(review.pk)},
        after={"review": str(correction.pk)},
        private=[
            name for name in Review.PRIVATE_FIELDS if vars(review)[name] != vars(correction)[name]
        ],
        case=str(case.pk),
    )
    opened.emit()
    return correction


def _columns(given: GivenOpinion) -> dict[str, Any]:
    return {**vars(given), "classes": list(given.classes), "places": list(given.places)}


def _said(review: Review) -> list[str]:
    """Names of the fields that the reader filled in. Readers of the trail may not see the values."""
    nothing = vars(GivenOpinion())
    given = vars(given_in(review))
    return [name for name in Review.PRIVATE_FIELDS if given[name] != nothing[name]]
