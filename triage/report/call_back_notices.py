"""Notifies who must call a patient back by mail: when the call-back opens or changes, and once it is overdue.

As for critical results, rows are the truth: ``next_at`` says when somebody is notified next, on the
database's clock, and each step is taken once, under the lock of its row.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from accounts.acts import Act
from accounts.services.events import emit
from triage.models import CallBack
from triage.models.call_back import Owner
from triage.report.due import each_due, write_notices
from triage.report.recipients import recipients


def notify_of_call_backs() -> int:
    """Writes the notices of each call-back whose time has come. Returns of how many."""
    return each_due(CallBack.objects.going_on(), "call-back", _notify)


@transaction.atomic
def _notify(call_back_id: UUID) -> bool:
    """1. Lock the row, unless another worker does this now. 2. Write the notices. 3. Say when the next is.

    Its owner is notified once it is open, and again when it is overdue. Then it is every clinician's, as it
    is from the start where the owner gets no mail.
    """
    rows = CallBack.objects.going_on().filter(pk=call_back_id, next_at__lte=Now())
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    # On one clock: a worker whose own is behind would tell the owner alone, and nobody after that.
    overdue = ExpressionWrapper(Q(act_by__lte=Now()), output_field=BooleanField())
    call_back = locked.annotate(overdue=overdue).select_related("site", "case").first()
    if call_back is None:  # closed, or taken by another worker meanwhile
        return False
    number = call_back.step + 1
    owner = call_back.owner_role or Owner.SENDER
    people = recipients(call_back.site_id, {owner}, person=call_back.owner_id)
    if call_back.overdue or not people:  # nobody waits for somebody who left or reads no mail
        both = {owner, Owner.CLINICIAN}
        people = recipients(call_back.site_id, both, person=call_back.owner_id)
    write_notices(call_back, number, people)
    again = None if call_back.overdue else call_back.act_by
    CallBack.objects.filter(pk=call_back.pk).update(step=number, next_at=again)
    emit(
        Act.CALL_BACK_NOTIFIED,
        call_back,
        actor=None,
        site=call_back.site,
        before={"step": call_back.step},
        after={"step": number},
        case=str(call_back.case_id),
        people=len(people),
    )
    return True
