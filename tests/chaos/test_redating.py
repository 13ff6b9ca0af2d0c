"""A worker is killed while it gives open cases new deadlines: another one finishes, nothing is lost."""

import signal

import pytest

from tests.concurrency.meeting import another_session, wait_until_blocked
from tests.factories import make_case, make_people, make_site
from tests.processes import WORKER, wait_until
from triage.models import Case, Redating, WaitRule
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist.redating import wake
from triage.worklist.wait_rules import set_wait_rules

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
DEFAULT = (*WORKER, "-Q", "default")


def test_a_worker_killed_in_a_chunk_loses_no_deadline(start):
    site = make_site()
    people = make_people(site, make_site())
    cases = [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(5)]
    first = start("first", *DEFAULT)
    rules = [WaitRule(priority=priority, minutes=77) for priority in Priority.values]
    with another_session() as other:
        lock = "SELECT 1 FROM triage_case WHERE id = %s FOR NO KEY UPDATE"
        other.execute(lock, [cases[-1].pk])
        redating = set_wait_rules(site=site, rules=rules, actor=people.admin)
        wait_until_blocked(by=other.info.backend_pid, seconds=60)
        first.kill(signal.SIGKILL)
    redating.refresh_from_db()
    assert (redating.done, redating.finished_at) == (0, None)

    start("second", *DEFAULT)
    wake()  # as beat does every ten seconds
    wait_until(lambda: not Redating.objects.filter(finished_at=None).exists(), 60, "the end")
    redating.refresh_from_db()
    assert (redating.done, redating.changed) == (5, 5)
    waits = {(case.due_at - case.received_at).total_seconds() for case in Case.objects.all()}
    assert waits == {77 * 60}
