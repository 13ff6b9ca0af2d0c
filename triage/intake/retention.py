"""What a refused case says of a patient goes some days after its sender has dismissed it.

Its row stays, with the code of the refusal: the audit trail and an Idempotency-Key lead to it. The names of
its files, often a patient's, and what was asked go.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from triage.apart import apart
from triage.models import Case, DecodeJob
from triage.states import CaseState

# Cases of one call: some 10 s of the task's 50. The next day's call goes on.
MOST = 2000
# A withdrawn case alone has a reason, and its row is bound to it.
_TEXTS = sorted(Case.OF_PATIENT - {"withdrawn_reason"})


def forget_refused(most: int = MOST) -> int:
    """Forgets cases that were dismissed CALLUS_REFUSED_DAYS ago, the oldest first. Returns how many.

    One that wasn't dismissed stays as it is: its sender may not have read it yet.
    """
    old = Now() - timedelta(days=settings.CALLUS_REFUSED_DAYS)
    # No index serves this: it is read once a day, and each write of a case would pay for one.
    dismissed = Case.objects.filter(state=CaseState.REFUSED, dismissed_at__lt=old)
    known = dismissed.filter(Exists(DecodeJob.objects.filter(case=OuterRef("pk"))))
    forgotten = 0
    for case_id in list(known.order_by("dismissed_at").values_list("pk", flat=True)[:most]):
        with apart(f"Forgetting refused case {case_id}"):
            _forget(case_id)
            forgotten += 1
    return forgotten


@transaction.atomic
def _forget(case_id: UUID) -> None:
    # Jobs before their case, the order of all locks: a DELETE locks what it deletes.
    DecodeJob.objects.filter(case_id=case_id).delete()
    Case.objects.filter(pk=case_id).update(**dict.fromkeys(_TEXTS, ""))
