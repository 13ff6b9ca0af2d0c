"""What a dead process of a worker held is taken back before its lease runs out."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from config import celery
from tests.factories import make_case, make_people, make_site
from tests.processes import wait_until
from triage.inference import queue
from triage.inference.services import take_back_lost
from triage.models import Job
from triage.models.leased_job import ATTEMPTS
from triage.queue import holder, lock_claimed
from triage.queue.holder import this_holder, this_node
from triage.reasons import JobError
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")
DEAD = f"{os.getpid()} 1"  # a process of this id that started with the machine


@pytest.fixture
def cases(site, people):
    return [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(3)]


def held_by(holder):
    Job.objects.filter(state=JobState.RUNNING).update(holder=holder)


def test_a_claim_says_who_holds_it_and_for_how_long(cases):
    jobs = queue.claim_jobs()
    assert {job.holder for job in jobs} == {this_holder()}
    seconds = {(job.leased_until - job.started_at).total_seconds() for job in jobs}
    assert seconds == {8}


def test_jobs_of_a_dead_process_are_tried_again_one_by_one(cases):
    lost = queue.claim_jobs()
    held_by(this_node() + DEAD)
    take_back_lost()
    rows = set(Job.objects.values_list("state", "attempts_left", "alone"))
    assert rows == {("queued", ATTEMPTS - 1, True)}
    assert [len(queue.claim_jobs()) for _ in range(4)] == [1, 1, 1, 0]
    assert lock_claimed(lost) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_nobody_else_loses_a_job(cases, number):
    """A living process, a worker of another name, and one on another machine or before a reboot."""
    node, boot = this_node().split()
    others = (this_holder(), f"other@{node} {boot} {DEAD}", f"{node} 00000000 {DEAD}")
    queue.claim_jobs()
    held_by(others[number])
    take_back_lost()
    assert set(Job.objects.values_list("state", "attempt")) == {("running", 1)}


def test_a_picture_that_kills_its_worker_each_time_fails_in_the_end(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    for _ in range(ATTEMPTS):
        assert len(queue.claim_jobs()) == 1
        held_by(this_node() + DEAD)
        take_back_lost()
    case.refresh_from_db()
    assert (case.state, Job.objects.get().error) == (CaseState.FAILED, JobError.WORKER_LOST)


def test_a_job_that_somebody_alive_has_by_now_is_left_to_them(cases, monkeypatch):
    """Between the look and the lock, a sweep takes the jobs back and a living process claims them."""
    queue.claim_jobs()
    held_by(this_node() + DEAD)
    asked = []

    def gone(holder):
        asked.append(holder)
        if len(asked) == len(cases):  # the last one of the look without a lock
            held_by(this_holder())
            Job.objects.update(leased_until=timezone.now() + timedelta(seconds=8))
        return holder.endswith(DEAD)

    monkeypatch.setattr("triage.queue.sweep.is_gone", gone)
    take_back_lost()
    assert set(Job.objects.values_list("state", flat=True)) == {"running"}


def test_a_fresh_process_of_the_pool_needs_no_message(committed_db, storage, monkeypatch):
    """The message of the killed one may have gone to another worker, which can't know that it is dead."""
    site = make_site()
    make_case(site, make_people(site, make_site()).clinician, CaseState.RECEIVED)
    queue.claim_jobs()
    _node, boot = this_node().split()
    held_by(f"pool@here {boot} {DEAD}")
    monkeypatch.setattr(holder, "_worker", "")
    monkeypatch.setattr(celery, "_queues", {"inference"})
    celery.look_for_lost_jobs(sender="pool@here")
    wait_until(lambda: Job.objects.filter(state=JobState.QUEUED).exists(), 10, "the taking back")
