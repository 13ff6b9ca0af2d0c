"""Brings a case's row into line with its jobs: state, class, confidence, deadline."""

from collections.abc import Iterable
from uuid import UUID

from accounts.services.audit import record
from triage.models import Case, Job
from triage.states import CASE_MOVES, CaseState, JobState, check_move
from triage.worklist.deadlines import WaitTable
from triage.worklist.deciding import DECIDED, decide, latest_predictions


def settle_cases(case_ids: Iterable[UUID]) -> None:
    """Settles each case once, in the order of ids so that two workers never wait for each other.

    Call last inside the transaction that changed the jobs: the audit rows it writes hold their
    sites' chains until commit.
    """
    settled = [
        case
        for case in Case.objects.select_for_update(of=("self",))
        .filter(pk__in=set(case_ids))
        .select_related("site")
        .order_by("pk")
        if _settle(case)
    ]
    for case in sorted(settled, key=lambda each: str(each.site_id)):
        record(f"case.{case.state}", case, actor=None, site=case.site)


def _settle(case: Case) -> bool:
    """True if the case's state moved. A closed case is history and is left as it was signed."""
    if not case.is_open:
        return False
    decide(case, latest_predictions([case]).get(case.pk, []), WaitTable.of(case.site_id))
    new_state = _state_by_jobs(case)
    moved = new_state != case.state
    if moved:
        check_move(case.state, new_state, CASE_MOVES)
        case.state = new_state
    case.save(update_fields=["state", *DECIDED])
    return moved


def _state_by_jobs(case: Case) -> CaseState:
    states = set(Job.objects.filter(image__case=case).values_list("state", flat=True))
    if not states or states & {JobState.QUEUED, JobState.RUNNING}:
        return CaseState.RECEIVED
    if JobState.FAILED in states:
        return CaseState.FAILED
    return CaseState.PREDICTED
