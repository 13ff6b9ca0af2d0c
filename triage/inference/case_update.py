"""Updates a case from its jobs and predictions: state, call, class, confidence, deadline."""

from collections.abc import Iterable, Set
from uuid import UUID

from accounts.acts import Act
from accounts.models import AuditEntry
from accounts.services.events import emit_all, event
from triage.models import Case
from triage.states import CASE_MOVES, CaseState, JobState, check_move
from triage.worklist.case_summary import (
    SUMMARY_FIELDS,
    event_of,
    predictions_of,
    summarize,
    summary_of,
)
from triage.worklist.deadlines import WaitTable


def update_cases(case_ids: Iterable[UUID]) -> None:
    """Updates each case from its jobs and predictions.

    1. Lock the cases, in the order of their ids: two workers that share cases don't wait in a circle.
    2. Read their predictions and their jobs' states, and after the locks their sites' tables of waits.
    3. Set state, call and deadline, and write the rows that changed.
    4. Emit an event for each case that changed, in the order of their sites.

    Call last inside the transaction that changed the jobs: the audit rows that it writes hold their
    sites' chains until commit.
    """
    # FOR NO KEY UPDATE: a picture or a review that references the case must not wait for us.
    locked = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(case_ids))
    # A closed case is history and is left as it was signed.
    cases = list(locked.open().select_related("site").order_by("pk"))
    read = predictions_of(cases)
    # After the locks, so that whoever re-dates a case later has read no older table (worklist.redating).
    tables = {site_id: WaitTable.of(site_id) for site_id in {case.site_id for case in cases}}
    changed, old_values = [], {}
    for case in cases:
        before = case.state, summary_of(case)
        state = _state_by(read[case.pk].job_states)
        if state != case.state:
            check_move(case.state, state, CASE_MOVES)
            case.state = state
        summarize(case, read[case.pk], tables[case.site_id])
        if (case.state, summary_of(case)) != before:
            changed.append(case)
            old_values[case.pk] = before
    _save(changed)
    by_site = sorted(changed, key=lambda case: str(case.site_id))
    emit_all([_event_of_change(case, *old_values[case.pk]) for case in by_site])


def _event_of_change(case: Case, old_state: str, old: tuple[object, ...]) -> AuditEntry:
    """What ``update_cases`` changed on a case.

    Also where the state stays: of several pictures, the second may be the broken one, and whoever follows the
    outbox would go on with what the first one said.
    """
    change = event_of(old, summary_of(case))
    act = Act.CASE_OUTPUT_CHANGED
    if case.state != old_state:
        act = _ACTS[CaseState(case.state)]
        change["before"]["state"], change["after"]["state"] = old_state, case.state
    return event(act, case, actor=None, site=case.site, **change)


# A case comes in once, and ``intake`` says so: afterwards it only goes back to waiting.
_ACTS = {
    CaseState.RECEIVED: Act.CASE_REQUEUED,
    CaseState.PREDICTED: Act.CASE_PREDICTED,
    CaseState.FAILED: Act.CASE_FAILED,
}


def _save(cases: list[Case]) -> None:
    fields = ["state", *SUMMARY_FIELDS]
    if (
        len(cases) == 1
    ):  # as nearly always. A CASE for each column takes five times as long to write.
        cases[0].save(update_fields=fields)
    else:
        Case.objects.bulk_update(cases, fields)


def _state_by(states: Set[str]) -> CaseState:
    if not states or states & {JobState.QUEUED, JobState.RUNNING}:
        return CaseState.RECEIVED
    if JobState.FAILED in states:
        return CaseState.FAILED
    return CaseState.PREDICTED
