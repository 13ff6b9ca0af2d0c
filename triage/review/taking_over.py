"""Ending another reader's claim: who is idle loses it to a colleague, and a lead ends any at once."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Refused, refuse_nul
from accounts.services.events import emit
from accounts.texts import as_read
from triage.models import Case, Reading
from triage.models.case import LONGEST_REASON
from triage.models.reading import Ended
from triage.review.actions import Action, Actions
from triage.review.claim_limit import lock_claims_of, require_room
from triage.review.claims import claim_locked_case, end, lock_case


@transaction.atomic
def take_over(*, case: Case, reader: User, reason: str) -> Reading:
    """Ends another reader's idle claim and begins one of ``reader``. What was typed stays its writer's.

    Raises:
        Conflict: nobody else holds it, or who does has worked on it a moment ago; or too many claims.
        NotPermitted: they may not sign here. Refused: no reason.
    """
    lock_claims_of(reader)
    case = lock_case(case)
    Actions(case, reader).require(Action.TAKE_OVER)
    require_room(reader)
    reason, before = _checked(reason), {"claimed_by": _holder(case)}
    end(case, Ended.TAKEN_OVER, reader, reason)
    reading = claim_locked_case(case, reader).reading
    _emit(Act.CASE_TAKEN_OVER, case, reader, before, {"claimed_by": str(reader.pk)})
    return reading


@transaction.atomic
def end_claim(*, case: Case, actor: User, reason: str) -> Case:
    """A lead of the site ends another reader's claim at once. The case is free then.

    Raises NotPermitted: no lead. Conflict: nobody else holds it. Refused: no reason.
    """
    case = lock_case(case)
    Actions(case, actor).require(Action.END_CLAIM)
    reason, before = _checked(reason), {"claimed_by": _holder(case)}
    end(case, Ended.BY_LEAD, actor, reason)
    _emit(Act.CASE_CLAIM_ENDED, case, actor, before, {"claimed_by": None})
    return case


def _holder(case: Case) -> str | None:
    return str(case.claimed_by.pk) if case.claimed_by else None


def _emit(
    act: Act,
    case: Case,
    actor: User,
    before: dict[str, str | None],
    after: dict[str, str | None],
) -> None:
    emit(
        act,
        case,
        actor=actor,
        site=case.site,
        before=before,
        after=after,
        private=["ended_reason"],
    )


def _checked(text: str) -> str:
    reason = as_read(text)
    refuse_nul(reason)
    if not reason:
        raise Refused("reason_missing", _("Say why. The other reader sees it."))
    if len(reason) > LONGEST_REASON:
        message = _("The reason has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("reason_too_long", message % {"given": len(reason), "most": LONGEST_REASON})
    return reason
