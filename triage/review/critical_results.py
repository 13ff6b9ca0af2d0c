"""A signed opinion that is critical waits for an acknowledgement from the moment it is signed.

Opened here, with the signature, as a call-back is; who is notified, and the answer, are the business of
``triage.report.critical_results``.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from accounts.acts import Act
from accounts.services.events import emit
from triage.dispatch import send_task
from triage.models import Case, CriticalResult, Review
from triage.review.acting import who_acts
from triage.review.critical_table import critical_table, is_critical
from triage.review.differences import Signed

# By its name: the task's module is a floor higher.
SEND_NOTICES = "triage.report.tasks.send_notices"


@dataclass(frozen=True)
class OpenedCritical:
    """What ``critical_result_for`` did. Its caller calls ``emit`` once all its own rows are written."""

    result: CriticalResult | None = None

    def emit(self) -> None:
        """Emits that it waits, and wakes a worker after the commit. A lost message loses nothing."""
        if self.result is None:
            return
        emit(
            Act.CRITICAL_OPENED,
            self.result,
            actor=None,
            site=self.result.site,
            before={},
            after={"review": str(self.result.review_id), "step": 0},
            case=str(self.result.case_id),
            by_reader=self.result.by_reader,
        )
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    send_task(SEND_NOTICES)


def critical_result_for(
    case: Case, review: Review, *, ticked: bool = False, corrected: Review | None = None
) -> OpenedCritical:
    """Opens a critical result if the reader ticked it, or the site's table calls ``review`` critical.

    The case is locked. A correction that comes to what was critical already opens none; while one waits, the
    correction takes the place of the opinion that it waits for.
    """
    table = critical_table(case.site_id)
    if not (ticked or is_critical(Signed.of(review), case.body_part, table.rules)):
        return OpenedCritical()
    waiting = CriticalResult.objects.waiting().select_for_update(no_key=True).filter(case=case)
    if running := waiting.first():
        CriticalResult.objects.filter(pk=running.pk).update(review=review)
        return OpenedCritical()
    same = corrected is not None and Signed.of(review) == Signed.of(corrected)
    if same and CriticalResult.objects.filter(case=case).exists():
        return OpenedCritical()
    result = CriticalResult.objects.create(
        case=case,
        site_id=case.site_id,
        review=review,
        by_reader=ticked,
        next_at=Now(),
        notified_roles=[who_acts(case, table.steps[0].role)],
    )
    return OpenedCritical(result)
