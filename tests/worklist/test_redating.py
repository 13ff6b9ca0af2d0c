"""Open cases get their deadlines by a changed table in the background, chunk by chunk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from config.celery import app
from tests.factories import make_case, make_member, make_site
from triage.models import Case, Redating, WaitRule
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist import redating as module
from triage.worklist.redating import redate, redate_chunk, request_redating
from triage.worklist.wait_rules import set_wait_rules

pytestmark = pytest.mark.usefixtures("storage")


def rules(routine=600):
    minutes = {Priority.STAT: 20, Priority.URGENT: 120, Priority.ROUTINE: routine}
    return [WaitRule(priority=priority, minutes=value) for priority, value in minutes.items()]


def waiting_cases(site, sender, number, **fields):
    return [make_case(site, sender, CaseState.RECEIVED, **fields) for _ in range(number)]


def waits(cases):
    rows = Case.objects.filter(pk__in=[case.pk for case in cases])
    return {int((case.due_at - case.received_at).total_seconds() // 60) for case in rows}


@pytest.fixture
def chunks_of_two(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)


def test_saving_changes_no_case_itself(site, people, django_assert_max_num_queries):
    cases = waiting_cases(site, people.clinician, 5)
    with django_assert_max_num_queries(14):
        redating = set_wait_rules(site=site, rules=rules(), actor=people.admin)
    assert waits(cases) == {1440}
    assert (redating.total, redating.done, redating.finished_at) == (None, 0, None)


def test_a_pass_goes_chunk_by_chunk_and_counts(site, people, chunks_of_two):
    cases = waiting_cases(site, people.clinician, 5)
    stat = make_case(site, people.clinician, CaseState.RECEIVED, priority=Priority.STAT)
    Case.objects.filter(pk=stat.pk).update(due_at=stat.received_at + timedelta(minutes=20))
    closed = make_case(site, people.clinician, CaseState.REVIEWED)
    redating = set_wait_rules(site=site, rules=rules(), actor=people.admin)
    progress = []
    for _ in range(4):
        goes_on = redate_chunk(redating.pk)
        redating.refresh_from_db()
        progress.append((goes_on, redating.done, redating.changed, redating.total))
    assert progress == [(True, 2, 2, 6), (True, 4, 4, 6), (True, 6, 5, 6), (False, 6, 5, 6)]
    assert redating.finished_at is not None
    assert waits(cases) == {600}
    assert waits([closed]) == {1440}
    entry = AuditEntry.objects.get(verb="cases.redated")
    assert entry.actor is None
    assert (entry.detail["cases"], entry.detail["redated"]) == (6, 5)


def versions(cases):
    """Where each row lies: an UPDATE moves it, a lock doesn't."""
    with connection.cursor() as cursor:
        ids = [case.pk for case in cases]
        cursor.execute("SELECT id, ctid::text FROM triage_case WHERE id = ANY(%s)", [ids])
        return dict(cursor.fetchall())


def test_only_rows_that_change_are_written(site, people):
    routine = waiting_cases(site, people.clinician, 3)
    urgent = waiting_cases(site, people.clinician, 3, priority=Priority.URGENT)
    for case in urgent:
        due_at = case.received_at + timedelta(minutes=120)
        Case.objects.filter(pk=case.pk).update(due_at=due_at, priority_due_at=due_at)
    before = versions(routine + urgent)
    set_wait_rules(site=site, rules=rules(), actor=people.admin)
    redate()
    after = versions(routine + urgent)
    written = {pk for pk in before if before[pk] != after[pk]}
    assert written == {case.pk for case in routine}


def test_a_new_save_takes_the_place_of_a_pass_that_runs(site, people, chunks_of_two):
    cases = waiting_cases(site, people.clinician, 5)
    first = set_wait_rules(site=site, rules=rules(600), actor=people.admin)
    assert redate_chunk(first.pk)
    second = set_wait_rules(site=site, rules=rules(300), actor=people.admin)
    assert not redate_chunk(first.pk)
    redate()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.superseded, first.done) == (True, 2)
    assert (second.superseded, second.done, second.changed) == (False, 5, 5)
    assert waits(cases) == {300}


def test_a_case_that_comes_in_meanwhile_is_looked_at_too(site, people, chunks_of_two):
    waiting_cases(site, people.clinician, 3)
    redating = set_wait_rules(site=site, rules=rules(), actor=people.admin)
    assert redate_chunk(redating.pk)
    new = waiting_cases(site, people.clinician, 4)
    redate()
    redating.refresh_from_db()
    assert (redating.done, redating.total) == (7, 7)
    assert waits(new) == {600}


def test_cases_that_came_at_the_same_moment_are_all_looked_at(site, people, chunks_of_two):
    cases = waiting_cases(site, people.clinician, 5, received_at=timezone.now())
    set_wait_rules(site=site, rules=rules(), actor=people.admin)
    redate()
    assert waits(cases) == {600}


def test_a_message_ends_in_time_and_asks_for_the_next(site, people, chunks_of_two, monkeypatch):
    cases = waiting_cases(site, people.clinician, 5)
    set_wait_rules(site=site, rules=rules(), actor=people.admin)
    rung = []
    monkeypatch.setattr(module, "SECONDS_PER_MESSAGE", 0)
    monkeypatch.setattr(module, "wake", lambda: rung.append(1))
    redate()
    assert rung == [1]
    assert Redating.objects.get().done == 2
    redate()
    redate()
    assert waits(cases) == {600}


def test_a_pass_that_fails_stops_no_other_site(site, other_site, people, monkeypatch, caplog):
    clinician = make_member(other_site, "clinician")
    waiting_cases(site, people.clinician, 2)
    others = waiting_cases(other_site, clinician, 2)
    broken = request_redating(site)
    set_wait_rules(site=other_site, rules=rules(), actor=people.stranger)
    update_deadlines = module._update_deadlines

    def breaks(redating, ids):
        if redating.pk == broken.pk:
            raise RuntimeError("a row that nobody foresaw")
        return update_deadlines(redating, ids)

    monkeypatch.setattr(module, "_update_deadlines", breaks)
    redate()
    assert waits(others) == {600}
    broken.refresh_from_db()
    assert (broken.done, broken.finished_at) == (0, None)
    assert f"Re-dating {broken.pk} failed" in caplog.text
    monkeypatch.undo()
    redate()
    broken.refresh_from_db()
    assert broken.finished_at is not None


def test_a_chunk_asks_as_often_for_many_cases_as_for_one(
    site, people, django_assert_max_num_queries
):
    for number in (1, 8):
        for _ in range(number):
            make_case(site, people.clinician)
        redating = set_wait_rules(site=site, rules=rules(number + 60), actor=people.admin)
        with django_assert_max_num_queries(14):
            redate_chunk(redating.pk)


def test_a_chunk_reads_its_own_site_through_an_index_of_open_cases(site, people):
    waiting_cases(site, people.clinician, 1)
    redating = request_redating(site)
    redate_chunk(redating.pk)
    redating.refresh_from_db()
    cases = Case.objects.filter(site=make_site()).open()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert "case_by_waiting" in module._next_cases(redating, cases).explain()


def test_beat_takes_up_what_a_lost_worker_left():
    entry = app.conf.beat_schedule["redate"]
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks
    route = app.amqp.router.route({}, entry["task"])
    assert route["queue"].name == "default"
