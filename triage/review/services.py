"""Signing and correcting opinions. Reviews are only ever added."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, Refused
from accounts.services.events import emit
from triage.disclosure import DisclosedCase
from triage.models import Case, Review
from triage.models.reading import Ended
from triage.review.checks import checked
from triage.review.claims import Claimed, claim_locked_case, end, lock_case
from triage.review.consequences import consequences_of
from triage.review.drafts import Followed, end_draft
from triage.review.first_reading import has_switched
from triage.review.opinion import GivenOpinion, given_in, stored_columns
from triage.review.stages import first_reading_of, refusal_to_correct, refusal_without_first_reading
from triage.review.third_reading import third_reading_because
from triage.states import CASE_MOVES, CaseState, check_move
from triage.vocabulary import Differs, Stage
from triage.worklist.one_case import shown_case, unseal

STAGE_CHANGED = "stage_changed"


@transaction.atomic
def sign(
    *,
    case: Case,
    reader: User,
    given: GivenOpinion,
    prediction_id: UUID | None = None,
    critical: bool = False,
    followed: Followed | None = None,
    stage: str | None = None,
) -> Review:
    """Signs the second or third opinion and closes the case, or passes it on to a third reader.

    In this order, in one transaction:

    1. Lock the case and its reading, so that nobody else signs, claims or withdraws meanwhile.
    2. Claim the case, if the reader holds it not yet: a reader may sign without claiming first.
    3. Compare the prediction that the reader saw with the deciding one; only then does "agrees" mean it.
    4. Store the review, end the reader's draft, close the case or pass it on, end the reading; open what
       follows from the opinion: a critical result, and if it is the last one a call-back.
    5. Emit the events last, the claim's before the review's: their chain's lock is the last of all locks, and
       is held for the shortest time.

    Args:
        given: what the reader says. Where they agree, the prediction fills in what they left open.
        prediction_id: the deciding prediction that the reader saw, which "agrees" must name. If another
            one decides by now, it is Conflict, and None is too where one decides on a blind case. In doubt
            there is nothing to agree with.
        critical: the clinic must hear of it at once, whatever the site's table says.
        followed: the draft that the form was made from; what another page has saved since stays.
        stage: which opinion the reader was asked for. If another one is due by now, it is Conflict: a second
            opinion must not become the third, which decides, unseen. None: whichever is due.

    Raises:
        Refused: the opinion doesn't hold together. NotPermitted: not a reader of this case.
        Conflict: another reader holds it, it is closed, or blind without a first reading of theirs. Nothing
            is stored then.
    """
    case = lock_case(case)
    claimed = claim_locked_case(case, reader, ends=True)
    if refusal := refusal_without_first_reading(case, reader):
        raise refusal
    disclosed_case = shown_case(reader, case)
    given = _compared(given, prediction_id, disclosed_case)
    first = first_reading_of(case, reader)
    review = Review.objects.create(
        case=case,
        reading=claimed.reading,
        reader=reader,
        stage=_stage_due(case, stage),
        prediction_id=prediction_id,
        switched=has_switched(first, given),
        **stored_columns(given),
    )
    end_draft(case=case, reader=reader, given=given, critical=critical, followed=followed)
    because = third_reading_because(review, first, disclosed_case)
    _move_on(claimed, review, because, critical=critical)
    return review


def _stage_due(case: Case, asked_for: str | None) -> Stage:
    """Which opinion is signed now. Raises Conflict if the reader was asked for another one."""
    due = Stage.THIRD if case.state == CaseState.THIRD else Stage.SECOND_OPINION
    if asked_for not in (None, due):
        text = _(
            "Somebody has signed since you opened the case, and yours would be the third reading. Look at "
            "what was signed, then answer again."
        )
        if due != Stage.THIRD:
            text = _("No third reading is due on this case: sign its second opinion.")
        raise Conflict(STAGE_CHANGED, text)
    return due


def _compared(
    given: GivenOpinion, prediction_id: UUID | None, disclosed_case: DisclosedCase
) -> GivenOpinion:
    """The opinion as it is signed, beside what the reader saw. Raises Refused or Conflict."""
    if prediction_id is not None and disclosed_case.deciding_id != prediction_id:
        raise Conflict(
            "suggestion_changed",  # clients of REST v1 know the code by this name
            _(
                "The prediction that gives the call has changed since you opened the case. Look again."
            ),
        )
    if prediction_id is None and disclosed_case.case.is_sealed and disclosed_case.deciding_id:
        # A final opinion on a blind case says whether its reader changed their mind: only who saw it could.
        text = _("The first reading is locked. See what the model says, then sign the final one.")
        raise Conflict("prediction_unseen", text)
    given = checked(given, disclosed_case.deciding, disclosed_case)
    if given.agrees and prediction_id is None:
        raise Refused("prediction_missing", _("Say which prediction you agree with."))
    return given


def _move_on(
    claimed: Claimed, review: Review, because: Sequence[Differs], *, critical: bool
) -> None:
    """Closes the case, or passes it on to a third reader.

    ``because``: what the opinion differs from, so that the site asks a third reader; empty: it is the last.
    """
    case = review.case
    state = CaseState.THIRD if because else CaseState.REVIEWED
    before = {"case_state": case.state, "claimed_by": str(review.reader_id)}
    unsealed = unseal(case)
    check_move(case.state, state, CASE_MOVES)
    end(case, Ended.SIGNED)
    closed = {} if because else {"closed_at": Now()}
    reasons = {"third_because": list(because)} if because else {}
    changes = {"state": state, **closed, **reasons, **unsealed.columns}
    Case.objects.filter(pk=case.pk).update(**changes)
    opened = consequences_of(case, review, critical=critical, is_last=not because)
    claimed.emit()
    unsealed.emit()
    emit(
        Act.REVIEW_SIGNED,
        review,
        actor=review.reader,
        site=case.site,
        before=before,
        after={"case_state": state, "claimed_by": None},
        private=Review.PRIVATE_FIELDS,  # all: which of them were filled in tells what they say
        case=str(case.pk),
    )
    opened.emit()


@transaction.atomic
def correct(
    *,
    review: Review,
    reader: User,
    given: GivenOpinion,
    critical: bool = False,
    followed: Followed | None = None,
) -> Review:
    """Signs a correction of the reader's own review, and ends its draft. The old row stays unchanged.

    ``followed``: the draft that the form was made from; what another page has saved since stays.
    """
    case = lock_case(review.case)
    review = Review.objects.select_related("superseded_by", "prediction").get(pk=review.pk)
    if refusal := refusal_to_correct(review, reader):
        raise refusal
    correction = _corrected(review, case, reader, given)
    end_draft(
        case=case,
        reader=reader,
        given=given_in(correction),
        critical=critical,
        followed=followed,
        corrects=review,
    )
    opened = consequences_of(case, correction, corrected=review, critical=critical)
    emit(
        Act.REVIEW_CORRECTED,
        correction,
        actor=reader,
        site=case.site,
        before={"review": str(review.pk)},
        after={"review": str(correction.pk)},
        private=Review.PRIVATE_FIELDS,
        case=str(case.pk),
    )
    opened.emit()
    return correction


def _corrected(review: Review, case: Case, reader: User, given: GivenOpinion) -> Review:
    """Stores the correction. "Agrees" is with what the reader of the corrected opinion saw."""
    disclosed_case = shown_case(reader, case)
    disclosed = disclosed_case.disclose(review.prediction) if review.prediction else None
    given = checked(given, disclosed, disclosed_case)
    return Review.objects.create(
        case=case,
        reading_id=review.reading_id,
        reader=reader,
        stage=review.stage,
        prediction=review.prediction,
        supersedes=review,
        switched=has_switched(first_reading_of(case, reader), given),
        **stored_columns(given),
    )
