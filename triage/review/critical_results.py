"""A signed opinion that is critical waits for an acknowledgement from the moment it is signed.

Opened here, with the signature, as a call-back is; who is notified, and the answer, are the business of
``triage.report.critical_results``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Now

from accounts.acts import Act
from accounts.services.events import emit
from triage.models import Case, CriticalResult, Review
from triage.review.acting import who_acts
from triage.review.critical_table import CriticalTable, critical_table, is_critical
from triage.review.differences import Signed
from triage.review.waking import send_notices_on_commit
from triage.vocabulary import Stage


@dataclass(frozen=True)
class OpenedCritical:
    """What ``critical_result_for`` did. Its caller calls ``emit`` once all its own rows are written."""

    result: CriticalResult | None = None
    act: Act = Act.CRITICAL_OPENED
    before: Mapping[str, Any] = field(default_factory=dict)

    def emit(self) -> None:
        """Emits what waits, and wakes a worker after the commit. A lost message loses nothing."""
        if self.result is None:
            return
        emit(
            self.act,
            self.result,
            actor=None,
            site=self.result.site,
            before=self.before,
            after=_facts_of(self.result),
            case=str(self.result.case_id),
            private=["by_reader"],
        )
        send_notices_on_commit()


def critical_result_for(
    case: Case, review: Review, *, ticked: bool = False, corrected: Review | None = None
) -> OpenedCritical:
    """Opens a critical result if the reader ticked it, or the site's table calls ``review`` critical.

    The case is locked. While one waits, a correction and a third opinion take the place of the opinion that
    it waits for, critical or not: who was notified of the first one must hear of the second. For the same
    reason one that says something else than what somebody took note of opens a new one, critical or not. One
    that comes to the same opens none, unless the reader ticks it anew: their words may say what is new.
    """
    table = critical_table(case.site_id)
    is_later = corrected is not None or review.stage == Stage.THIRD
    running = _running(case) if is_later else None
    if running is not None:
        return _with_later_opinion(running, review, table, ticked=ticked)
    signed = Signed.of(review)
    # Before a case's first signature nobody can have taken note of one.
    noted = _noted(case) if is_later else None
    opens = signed != noted if noted else is_critical(signed, case.body_part, table.rules)
    if not (ticked or opens):
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


def _running(case: Case) -> CriticalResult | None:
    """The one that waits, locked. Before a case's first signature there is none to look for."""
    waiting = CriticalResult.objects.waiting().select_for_update(no_key=True)
    return waiting.filter(case=case).first()


def _noted(case: Case) -> Signed | None:
    """What the newest opinion comes to that somebody took note of. None where nobody had to."""
    ended = CriticalResult.objects.filter(case=case).select_related("review")
    newest = ended.order_by("-acknowledged_at").first()
    return Signed.of(newest.review) if newest else None


def _with_later_opinion(
    running: CriticalResult, review: Review, table: CriticalTable, *, ticked: bool
) -> OpenedCritical:
    """It waits for ``review`` from now on, and the first step is due at once. Whom it waits for stays."""
    before = _facts_of(running)
    first = who_acts(running.case, table.steps[0].role)
    running.review = review
    running.by_reader = ticked  # a correction's form begins with what was ticked
    running.steps_before_review = running.step
    running.notified_roles = list(dict.fromkeys([first, *running.notified_roles]))
    running.next_at = Now()
    running.save(
        update_fields=["review", "by_reader", "steps_before_review", "notified_roles", "next_at"]
    )
    return OpenedCritical(running, Act.CRITICAL_CHANGED, before)


def _facts_of(result: CriticalResult) -> dict[str, Any]:
    return {"review": str(result.review_id), "step": result.step}
