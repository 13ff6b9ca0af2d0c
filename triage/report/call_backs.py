"""What is done about an open call-back: attempts, and its end with an outcome."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused, refuse_nul
from accounts.roles import Role
from accounts.services.events import emit
from accounts.texts import as_read
from triage.disclosure import shown_to
from triage.models import CallBack, CallBackAttempt, CriticalResult
from triage.models.call_back import LONGEST_WORDS, AttemptOutcome, CallBackOutcome
from triage.review.first_reading import reviews_shown


def refusal_to_act(call_back: CallBack, user: User) -> Refused | None:
    """Why ``user`` may not act on the call-back, or None where they may.

    Its owner may, and any clinician of the site: the patient must not wait for one person's shift.
    """
    roles = roles_at(user, call_back.site_id)
    allowed = {Role.CLINICIAN.value, call_back.owner_role or Role.CLINICIAN.value}
    if call_back.owner_id != user.pk and roles.isdisjoint(allowed):
        return NotPermitted(
            "not_your_call_back", _("Only who must act, or a clinician of the site, acts on it.")
        )
    if not call_back.is_open:
        return Conflict("call_back_closed", _("This call-back was closed already."))
    return None


@transaction.atomic
def record_attempt(
    *, call_back: CallBack, actor: User, outcome: str, words: str = ""
) -> CallBackAttempt:
    """Adds a try to reach the patient. Raises Refused, NotPermitted or Conflict, as ``refusal_to_act``."""
    call_back = _lock(call_back)
    if refusal := refusal_to_act(call_back, actor):
        raise refusal
    if outcome not in AttemptOutcome.values:
        raise Refused("bad_outcome", _("Say what became of the attempt."))
    words = checked_words(words, needed=outcome == AttemptOutcome.OTHER)
    attempt = CallBackAttempt.objects.create(
        call_back=call_back, made_by=actor, attempt_outcome=outcome, words=words
    )
    attempt.refresh_from_db(fields=["made_at"])
    emit(
        Act.CALL_BACK_ATTEMPTED,
        attempt,
        actor=actor,
        site=call_back.site,
        before={},
        after={"attempt": str(attempt.pk)},
        private=["attempt_outcome", *(["words"] if words else [])],
        call_back=str(call_back.pk),
        case=str(call_back.case_id),
    )
    return attempt


@transaction.atomic
def close_call_back(
    *, call_back: CallBack, actor: User, review_id: UUID | None, outcome: str, words: str = ""
) -> CallBack:
    """Ends the loop.

    Args:
        review_id: the signed opinion that ``actor`` read.

    Raises:
        Refused: no outcome, or no ``review_id``. NotPermitted, Conflict: as ``refusal_to_act`` says.
        Conflict: a correction took the place of the opinion that was read.
    """
    call_back = _lock(call_back)
    if refusal := refusal_to_act(call_back, actor) or refusal_of_unread(
        call_back, actor, review_id
    ):
        raise refusal
    if outcome not in CallBackOutcome.values:
        raise Refused("bad_outcome", _("A call-back is closed with an outcome only. Choose one."))
    words = checked_words(words, needed=outcome == CallBackOutcome.OTHER)
    CallBack.objects.filter(pk=call_back.pk).update(
        closed_at=Now(), closed_by=actor, outcome=outcome, words=words, next_at=None
    )
    call_back.refresh_from_db()
    emit(
        Act.CALL_BACK_CLOSED,
        call_back,
        actor=actor,
        site=call_back.site,
        before={"closed_at": None},
        after={"closed_at": call_back.closed_at},
        private=["outcome", *(["words"] if words else [])],
        case=str(call_back.case_id),
    )
    return call_back


def _lock(call_back: CallBack) -> CallBack:
    """The row as it is now, locked alone: a correction that changes it holds its case first."""
    rows = CallBack.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("site", "owner", "case").get(pk=call_back.pk)


def refusal_of_unread(
    waiting: CallBack | CriticalResult, user: User, review_id: UUID | None
) -> Refused | None:
    """Nobody ends what waits for an opinion that they have not read.

    A correction may have come meanwhile, or the opinion is hidden from them.
    """
    (shown,) = shown_to(user, [waiting.case])
    if waiting.review_id not in {review.pk for review in reviews_shown(shown, user)}:
        text = _("You may not know yet what was signed, so somebody else takes note of it.")
        return NotPermitted("opinion_hidden", text)
    if review_id is None:
        return Refused(
            "review_missing", _("Say which signed opinion you read. Open the page again.")
        )
    if review_id != waiting.review_id:
        text = _("The opinion was corrected since you opened this page. Read what is signed now.")
        return Conflict("opinion_corrected", text)
    return None


def checked_words(words: str, *, needed: bool) -> str:
    """The words as they are stored. Raises Refused where they are too long, or missing though needed."""
    words = as_read(words)
    refuse_nul(words)
    if len(words) > LONGEST_WORDS:
        text = _("The text has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("words_too_long", text % {"given": len(words), "most": LONGEST_WORDS})
    if needed and not words:
        raise Refused("words_missing", _("Say in words what happened."))
    return words
