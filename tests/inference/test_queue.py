"""The row is the job: leases, attempts and fences, without any worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.refusals import Conflict, NotPermitted
from tests.factories import make_case
from triage.inference import queue
from triage.inference.case_update import update_cases
from triage.inference.services import retry_case, sweep_and_send
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.models import Job
from triage.models.leased_job import ATTEMPTS
from triage.reasons import JobError
from triage.states import CaseState, JobState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")


def received(site, people, **fields):
    return make_case(site, people.clinician, CaseState.RECEIVED, **fields)


def expire(jobs):
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )


def test_the_urgent_is_claimed_first_and_a_batch_has_its_size(site, people, settings):
    settings.CALLUS_INFERENCE = {**settings.CALLUS_INFERENCE, "batch": 3}
    for _ in range(4):
        received(site, people)
    stat = received(site, people, priority=Priority.STAT)
    jobs = queue.claim_jobs()
    assert len(jobs) == 3
    assert jobs[0].image.case_id == stat.pk
    assert {job.state for job in jobs} == {JobState.RUNNING}
    assert {job.attempt for job in jobs} == {1}
    assert len(queue.claim_jobs()) == 2
    assert queue.claim_jobs() == []


def test_a_lost_batch_is_retried_one_by_one(site, people):
    for _ in range(3):
        received(site, people)
    expire(queue.claim_jobs())
    sweep_and_send()
    assert [len(queue.claim_jobs()) for _ in range(4)] == [1, 1, 1, 0]


def test_a_worker_that_lost_its_lease_changes_nothing(site, people):
    case = received(site, people)
    late = queue.claim_jobs()
    expire(late)
    sweep_and_send()
    current = queue.claim_jobs()
    assert record_outcomes([Outcome(late[0], error=JobError.UNREADABLE, detail="late")]) == 0
    job = Job.objects.get(image__case=case)
    assert (job.state, job.attempt) == (JobState.RUNNING, current[0].attempt)


def test_a_picture_that_keeps_failing_fails_its_case_with_the_reason(site, people):
    case = received(site, people)
    for _ in range(ATTEMPTS):
        jobs = queue.claim_jobs()
        record_outcomes([Outcome(jobs[0], error=JobError.UNREADABLE, detail="Traceback")])
    assert queue.claim_jobs() == []
    case.refresh_from_db()
    job = Job.objects.get(image__case=case)
    assert case.state == CaseState.FAILED
    assert (job.state, job.error) == (JobState.FAILED, JobError.UNREADABLE)


def test_a_picture_that_kills_its_workers_spends_only_its_own_tries(site, people):
    case = received(site, people)
    for _ in range(ATTEMPTS):
        expire(queue.claim_jobs())
        sweep_and_send()
    case.refresh_from_db()
    assert case.state == CaseState.FAILED
    assert Job.objects.get(image__case=case).error == JobError.WORKER_LOST


def test_a_failed_case_is_retried_by_a_member(site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    with pytest.raises(NotPermitted):
        retry_case(case=case, actor=people.stranger)
    retry_case(case=case, actor=people.reviewer)
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    assert len(queue.claim_jobs()) == 1
    with pytest.raises(Conflict):
        retry_case(case=case, actor=people.reviewer)


def test_a_case_waits_until_all_its_pictures_are_read(site, people):
    case = received(site, people, images=2)
    Job.objects.update(attempts_left=1)
    first, second = queue.claim_jobs()
    record_outcomes([Outcome(first, error=JobError.UNREADABLE, detail="")])
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    record_outcomes([Outcome(second, error=JobError.UNREADABLE, detail="")])
    case.refresh_from_db()
    assert case.state == CaseState.FAILED


def test_settling_many_cases_asks_as_often_as_settling_one(
    site, people, django_assert_max_num_queries
):
    cases = [make_case(site, people.clinician) for _ in range(8)]
    for some in (cases[:1], cases):
        with django_assert_max_num_queries(7):  # one of them writes the events
            update_cases(case.pk for case in some)
