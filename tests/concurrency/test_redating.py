"""Nobody keeps a deadline of an old table, whatever happens at the same moment. Real connections."""

import threading
from functools import partial

import pytest
from django.db import connection, connections, transaction

from tests.concurrency.meeting import StoppableThread, meet
from tests.factories import (
    incoming,
    make_case,
    make_people,
    make_release,
    make_site,
    receive_case,
)
from triage.inference.case_update import update_cases
from triage.intake.details import CaseDetails
from triage.models import Case, Redating, WaitRule
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import BodyPart, Priority, Source
from triage.worklist import redating as module
from triage.worklist.redating import redate, redate_chunk
from triage.worklist.wait_rules import set_wait_rules

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def clinic(committed_db):
    make_release()
    site = make_site()
    return site, make_people(site, make_site())


def save(clinic, minutes):
    """A table by which every case waits ``minutes``, in doubt or not."""
    site, people = clinic
    rules = [
        WaitRule(priority=priority, minutes=minutes, doubt_minutes=minutes)
        for priority in Priority.values
    ]
    return set_wait_rules(site=site, rules=rules, actor=people.admin)


def waits():
    return {
        int((case.due_at - case.received_at).total_seconds() // 60) for case in Case.objects.all()
    }


def receive(clinic):
    site, people = clinic
    return receive_case(
        sender=people.clinician,
        site=site,
        files=[incoming()],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )


def interrupted_everywhere(act, change, prepare):
    """Stops ``act`` after each of its statements, lets ``change`` happen there, and looks at the end."""
    prepare()
    alone = StoppableThread(act, every=True)
    alone.start()
    alone.finish()
    assert alone.error is None
    for stop in range(len(alone.stops)):
        prepare()
        first, second = StoppableThread(act, stop, every=True), StoppableThread(change)
        meet(first, second)
        assert (first.error, second.error) == (None, None), alone.stops[stop]
        redate()
        assert waits() == {77}, alone.stops[stop]
        assert not Redating.objects.filter(finished_at=None).exists()
    return len(alone.stops)


def test_a_case_that_comes_in_while_the_table_changes_has_a_deadline_of_the_new_one(clinic):
    """Wherever its intake stands when the table is saved and the open cases are gone through."""

    def change():
        save(clinic, 77)
        redate()

    def prepare():
        save(clinic, 200)
        redate()

    assert interrupted_everywhere(lambda: receive(clinic), change, prepare) > 5


def test_a_worker_that_settles_meanwhile_leaves_no_old_deadline(clinic):
    """It may have read the old table when the new one is saved and applied."""
    site, people = clinic
    case = make_case(site, people.clinician, confidence=0.1)

    def change():
        save(clinic, 77)
        redate()

    def prepare():
        save(clinic, 200)
        Case.objects.update(due_at=case.received_at)  # so that settling has something to write

    update = transaction.atomic(partial(update_cases, [case.pk]))
    assert interrupted_everywhere(update, change, prepare) > 3


def test_a_chunk_of_the_old_table_that_still_runs_leaves_no_old_deadline(clinic):
    site, people = clinic
    for _ in range(3):
        make_case(site, people.clinician, CaseState.RECEIVED)

    def prepare():
        save(clinic, 200)

    def change():
        save(clinic, 77)

    def chunk():
        redate_chunk(Redating.objects.get(finished_at=None).pk)

    assert interrupted_everywhere(chunk, change, prepare) > 5


def test_two_workers_at_one_pass_look_at_each_case_once(clinic, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 3)
    site, people = clinic
    for _ in range(20):
        make_case(site, people.clinician, CaseState.RECEIVED)
    redating = save(clinic, 77)
    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    redate()
    redating.refresh_from_db()
    assert (redating.done, redating.total, redating.changed) == (20, 20, 20)
    assert waits() == {77}


def work():
    try:
        redate()
    finally:
        connections["default"].close()


def test_a_reader_signs_while_the_open_cases_are_gone_through(clinic):
    """The pass waits for the case in the reader's hands, and leaves what was signed as it was."""
    site, people = clinic
    case = make_case(site, people.clinician)
    other = make_case(site, people.clinician)
    before = case.due_at
    redating = save(clinic, 77)
    reading = StoppableThread(
        lambda: sign(case=case, reader=people.reviewer, given=GivenOpinion("none")), 1
    )
    chunk = StoppableThread(lambda: redate_chunk(redating.pk))
    meet(reading, chunk)
    assert (reading.error, chunk.error) == (None, None)
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, case.due_at) == (CaseState.REVIEWED, before)
    assert (other.due_at - other.received_at).total_seconds() == 77 * 60


def test_a_worker_that_is_lost_in_a_chunk_leaves_the_pass_as_it_was(clinic, monkeypatch):
    """Its connection breaks off with the chunk's changes written and not committed."""
    monkeypatch.setattr(module, "CHUNK", 2)
    site, people = clinic
    for _ in range(5):
        make_case(site, people.clinician, CaseState.RECEIVED)
    redating = save(clinic, 77)
    first = StoppableThread(lambda: redate_chunk(redating.pk), every=True)
    first.start()
    first.finish()
    assert first.result is True
    lost = StoppableThread(lambda: redate_chunk(redating.pk), len(first.stops) - 2, every=True)
    lost.start()
    assert lost.reached.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost.process_id])
    lost.finish()
    assert lost.error is not None
    redating.refresh_from_db()
    assert (redating.done, redating.finished_at) == (2, None)
    redate()
    redating.refresh_from_db()
    assert (redating.done, redating.changed) == (5, 5)
    assert waits() == {77}
