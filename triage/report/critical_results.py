"""Critical results from the signature to the answer: whom to notify next, and who took note.

Rows are the truth. A worker that is woken twice, or never, changes nothing: what is due is asked of the
database, on its clock, and each step is taken once, under the lock of its row.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from accounts.services.events import emit
from triage.models import CriticalResult, Review
from triage.models.review import ReviewQuerySet
from triage.report.call_backs import checked_words, refusal_of_unread
from triage.report.due import each_due, write_notices
from triage.report.recipients import recipients
from triage.review.acting import who_acts
from triage.review.critical_table import critical_table
from triage.vocabulary import Stage


def signers_of(case_id: UUID | OuterRef) -> ReviewQuerySet:
    """The opinions on a case whose readers need no notice of it, and may not take note of it. A first reading
    is nobody's answer yet.
    """
    return Review.objects.filter(case=case_id).exclude(stage=Stage.FIRST)


def refusal_to_acknowledge(result: CriticalResult, user: User) -> Refused | None:
    """Why ``user`` may not take note of it, or None where they may.

    Whom it waits for may, and any clinician of the site. Who signed it may not: somebody else must know.
    """
    if signers_of(result.case_id).filter(reader=user).exists():
        return NotPermitted(
            "own_opinion", _("You signed it, so somebody else must take note of it.")
        )
    roles = roles_at(user, result.site_id)
    is_sender = result.case.sender_id == user.pk and bool(roles)
    if not is_sender and roles.isdisjoint({Role.CLINICIAN, *result.notified_roles}):
        return NotPermitted(
            "not_yours_to_acknowledge",
            _("Only whom it waits for, or a clinician, takes note of it."),
        )
    if not result.is_waiting:
        name = result.acknowledged_by
        return Conflict("acknowledged", _("%(name)s took note of it already.") % {"name": name})
    return None


@transaction.atomic
def acknowledge(
    *, result: CriticalResult, actor: User, review_id: UUID | None, words: str = ""
) -> CriticalResult:
    """Says that ``actor`` took note, now. Nobody is notified any more.

    Args:
        review_id: the signed opinion that ``actor`` read.

    Raises:
        Refused: ``review_id`` is missing. NotPermitted, Conflict: as ``refusal_to_acknowledge`` says.
        Conflict: another opinion took the place of the one that was read.
    """
    rows = CriticalResult.objects.select_for_update(of=("self",), no_key=True)
    result = rows.select_related("site", "case", "acknowledged_by").get(pk=result.pk)
    if refusal := refusal_to_acknowledge(result, actor):
        raise refusal
    if refusal := refusal_of_unread(result, actor, review_id):
        raise refusal
    words = checked_words(words, needed=False)
    CriticalResult.objects.filter(pk=result.pk).update(
        acknowledged_at=Now(), acknowledged_by=actor, words=words, next_at=None
    )
    result.refresh_from_db()
    emit(
        Act.CRITICAL_ACKNOWLEDGED,
        result,
        actor=actor,
        site=result.site,
        before={"acknowledged_at": None},
        after={"acknowledged_at": result.acknowledged_at},
        private=["words"] if words else [],
        case=str(result.case_id),
    )
    return result


def notify_due() -> int:
    """Takes the next step of each critical result whose time has come. Returns how many."""
    return each_due(CriticalResult.objects.waiting(), "critical result", _notify_next)


@transaction.atomic
def _notify_next(result_id: UUID) -> bool:
    """1. Lock the row, unless another worker does this now. 2. Write the notices. 3. Say when the next is."""
    rows = CriticalResult.objects.waiting().filter(pk=result_id, next_at__lte=Now())
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    result = locked.select_related("site", "case").first()
    if result is None:  # acknowledged, or taken by another worker meanwhile
        return False
    number = result.step + 1
    step = critical_table(result.site_id).step(number - result.steps_before_review)
    role = who_acts(result.case, step.role)
    signers = signers_of(result.case_id).values_list("reader", flat=True)
    sender = result.case.sender_id
    people = recipients(result.site_id, [role], person=sender, besides=signers)
    write_notices(result, number, people)
    CriticalResult.objects.filter(pk=result.pk).update(
        step=number,
        next_at=Now() + step.wait,
        notified_roles=list(dict.fromkeys([*result.notified_roles, role])),
    )
    emit(
        Act.CRITICAL_NOTIFIED,
        result,
        actor=None,
        site=result.site,
        before={"step": result.step},
        after={"step": number},
        case=str(result.case_id),
        role=role,
        people=len(people),
    )
    return True
