"""In every sweep, one row that fails stops no other. Intake's own: tests/intake/test_sweep.py."""

import os
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from tests.factories import make_case, make_release
from triage.apart import apart
from triage.inference import checks, queue, services
from triage.intake.orphans import sweep_orphans
from triage.models import Job, Reading, Release, ReleaseLoad, WaitRule
from triage.queue.holder import this_node
from triage.review import claims
from triage.review.claims import claim, end_lapsed
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist import redating
from triage.worklist.wait_rules import set_wait_rules

pytestmark = pytest.mark.usefixtures("storage")
PAST = timedelta(seconds=-1)


@pytest.fixture
def cases(site, people):
    return [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(3)]


def failing_at(monkeypatch, module, name, bad):
    """``module.name`` fails wherever the id of ``bad`` is among what it is given."""
    real = getattr(module, name)

    def fail(first, *rest):
        given = list(first) if isinstance(first, list) else [getattr(first, "pk", first)]
        if bad.pk in given:
            raise ZeroDivisionError
        return real(first, *rest)

    monkeypatch.setattr(module, name, fail)


def states(cases):
    for case in cases:
        case.refresh_from_db()
    return [case.state for case in cases]


@pytest.mark.parametrize("by", ["the sweep", "a worker's start"])
def test_a_case_that_can_not_be_updated_keeps_no_other_jobs(cases, monkeypatch, by):
    Job.objects.update(attempts_left=1)
    queue.claim_jobs()
    Job.objects.update(holder=f"{this_node()}{os.getpid()} 1")
    failing_at(monkeypatch, services, "update_cases", cases[0])
    if by == "the sweep":
        Job.objects.update(leased_until=timezone.now() + PAST)
        services.sweep_and_send()
    else:
        services.take_back_lost()
    assert states(cases) == [CaseState.RECEIVED, CaseState.FAILED, CaseState.FAILED]
    # As it was, for the next sweep: not one job is done by halves.
    assert set(Job.objects.values_list("image__case", "state")) == {
        (cases[0].pk, "running"),
        (cases[1].pk, "failed"),
        (cases[2].pk, "failed"),
    }


@pytest.mark.parametrize(
    "part", ["sweep_checks", "reassign_left_behind", "queue_forgotten_images", "prune_changes"]
)
def test_a_part_of_the_sweep_that_fails_stops_no_other(cases, monkeypatch, part):
    woken = []
    monkeypatch.setattr(services, "send_classify_queued", lambda: woken.append(True))
    queue.claim_jobs()
    Job.objects.update(leased_until=timezone.now() + PAST)
    monkeypatch.setattr(services, part, lambda **_: 1 / 0)
    services.sweep_and_send()
    assert set(Job.objects.values_list("state", flat=True)) == {"queued"}
    assert woken


@pytest.mark.parametrize("left", ["load", "check"])
def test_a_release_at_which_something_fails_stops_no_other(db, monkeypatch, left):
    bad, good = (make_release(active=False, usable=False) for _ in range(2))
    past = timezone.now() + PAST
    if left == "load":
        for release in (bad, good):
            ReleaseLoad.objects.create(release=release, worker="gone", leased_until=past)
        failing_at(monkeypatch, checks, "suspend", bad)
    else:
        Release.objects.update(check_due_at=past, checks_left=0)
        failing_at(monkeypatch, checks, "_record_failure", bad)
    checks.sweep_checks()
    if left == "load":
        assert ReleaseLoad.objects.get().release == bad
    else:
        good.refresh_from_db()
        assert good.state == "set_aside"


def test_a_claim_that_can_not_be_ended_stops_no_other(cases, people, monkeypatch):
    for case in cases:
        claim(case=case, reader=people.reviewer)
    Reading.objects.update(claimed_until=timezone.now() + PAST)
    failing_at(monkeypatch, claims, "_end_if_lapsed", cases[0])
    assert end_lapsed() == 2
    assert Reading.objects.get(ended_at=None).case == cases[0]


def test_a_case_that_can_not_be_dated_stops_no_other(site, cases, people, monkeypatch):
    before = cases[0].due_at
    waits = {Priority.STAT: 20, Priority.URGENT: 120, Priority.ROUTINE: 600}
    rules = [WaitRule(priority=priority, minutes=minutes) for priority, minutes in waits.items()]
    set_wait_rules(site=site, rules=rules, actor=people.admin)
    failing_at(monkeypatch, redating, "summarize", cases[0])
    redating.redate()
    states(cases)
    assert cases[0].due_at == before
    assert {case.due_at - case.received_at for case in cases[1:]} == {timedelta(minutes=600)}


def test_a_file_that_the_storage_does_not_remove_stops_no_other(db, storage, monkeypatch):
    names = [f"arrived/2026/01/0{day}/x/original" for day in (1, 2, 3)]
    for name in names:
        default_storage.save(name, ContentFile(b"x"))
        os.utime(storage / name, (1, 1))
    kind = type(default_storage._wrapped)
    real = kind.delete

    def delete(storage, name):
        if name == names[2]:  # the newest, which comes first
            raise PermissionError(name)
        real(storage, name)

    monkeypatch.setattr(kind, "delete", delete)
    assert sweep_orphans().files == 2
    assert [default_storage.exists(name) for name in names] == [False, False, True]


@pytest.mark.parametrize("error", [SoftTimeLimitExceeded(), OperationalError("no connection")])
def test_what_every_row_would_meet_is_raised(error):
    with pytest.raises(type(error)), apart("A row"):
        raise error
