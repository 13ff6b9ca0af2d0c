"""Two people, two workers, two admins at the same moment, on real connections that really commit."""

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict
from classifier.call import OperatingPoints
from tests.factories import make_case, make_people, make_release, make_site
from triage.inference import queue
from triage.inference.checks import claim_check, pass_check
from triage.inference.releases import activate_release
from triage.inference.services import queue_case, retry_case, sweep_and_send
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.models import Job, Reading, Release, Review, SitePoints
from triage.points import set_points
from triage.reasons import JobError
from triage.review.claims import claim
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import Activation, CaseState, JobState, ReleaseState

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Runs each call in its own thread and connection, started together. Errors are returned."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.fixture
def clinic(committed_db):
    site = make_site()
    return site, make_people(site, make_site())


def test_of_two_claims_one_wins(clinic):
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician)
        results = at_once(
            lambda case=case: claim(case=case, reader=people.reviewer),
            lambda case=case: claim(case=case, reader=people.clinician2),
        )
        assert {type(each) for each in results} == {Reading, Conflict}


def test_of_two_signatures_one_is_stored(clinic):
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician)
        results = at_once(
            lambda case=case: sign(case=case, reader=people.reviewer, given=GivenOpinion("none")),
            lambda case=case: sign(
                case=case, reader=people.clinician2, given=GivenOpinion("not_assessable")
            ),
        )
        assert {type(each) for each in results} == {Review, Conflict}
        assert Review.objects.filter(case=case).count() == 1


def test_workers_never_share_a_job(clinic):
    site, people = clinic
    for _ in range(12):
        make_case(site, people.clinician, CaseState.RECEIVED)
    batches = at_once(*[queue.claim_jobs] * 4)
    claimed = [job.pk for batch in batches for job in batch]
    while batch := queue.claim_jobs():
        claimed += [job.pk for job in batch]
    assert len(claimed) == len(set(claimed)) == 12


def test_two_pictures_of_a_case_finished_together_settle_it(clinic, settings):
    settings.CALLUS_INFERENCE = {**settings.CALLUS_INFERENCE, "batch": 1}
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician, CaseState.RECEIVED, images=2)
        Job.objects.filter(image__case=case).update(attempts_left=1)
        outcomes = [
            Outcome(queue.claim_jobs()[0], error=JobError.UNREADABLE, detail="") for _ in range(2)
        ]
        results = at_once(*[lambda each=each: record_outcomes([each]) for each in outcomes])
        case.refresh_from_db()
        assert results == [1, 1]
        assert case.state == CaseState.FAILED


def test_signing_while_the_worker_finishes_leaves_the_case_signed(clinic):
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician, CaseState.RECEIVED)
        Job.objects.filter(image__case=case).update(attempts_left=1)
        (job,) = queue.claim_jobs()
        signed, recorded = at_once(
            lambda case=case: sign(case=case, reader=people.reviewer, given=GivenOpinion("none")),
            lambda job=job: record_outcomes([Outcome(job, error=JobError.UNREADABLE, detail="")]),
        )
        case.refresh_from_db()
        assert isinstance(signed, Review)
        assert recorded == 1
        assert case.state == CaseState.REVIEWED
        assert Job.objects.get(image__case=case).state == JobState.FAILED


def test_of_two_activations_one_release_is_active(clinic):
    releases = [make_release(active=False) for _ in range(2)]
    results = at_once(*[lambda each=each: activate_release(each) for each in releases])
    assert [type(each) for each in results] == [Release, Release]
    assert Release.objects.filter(is_active=True).count() == 1


def test_an_activation_meets_a_worker_that_claims(clinic):
    """Each job is either claimed with the release it had, or queued for the new one; none is between."""
    site, people = clinic
    for _ in range(5):
        new, cases = make_release(active=False), []
        for _ in range(12):
            cases.append(make_case(site, people.clinician, CaseState.RECEIVED))
        old = Release.objects.get(is_active=True)
        claimed, activated = at_once(queue.claim_jobs, lambda new=new: activate_release(new))
        assert activated == new
        taken = {job.pk for job in claimed}
        for job in Job.objects.filter(image__case__in=cases):
            expected = (old.pk, "running") if job.pk in taken else (new.pk, "queued")
            if job.release_id == new.pk and job.pk in taken:
                expected = (new.pk, "running")  # claimed after the activation
            assert (job.release_id, job.state) == expected
        Job.objects.filter(pk__in=taken).update(
            release=new, state=JobState.QUEUED, leased_until=None, attempts_left=3
        )


def test_an_activation_meets_a_worker_that_fails(clinic):
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician, CaseState.RECEIVED)
        Job.objects.filter(image__case=case).update(attempts_left=1)
        (job,) = queue.claim_jobs()
        new = make_release(active=False)
        recorded, activated = at_once(
            lambda job=job: record_outcomes([Outcome(job, error=JobError.UNREADABLE, detail="")]),
            lambda new=new: activate_release(new),
        )
        assert (recorded, activated) == (1, new)
        sweep_and_send()
        job = Job.objects.get(image__case=case)
        case.refresh_from_db()
        assert (job.release, job.state, case.state) == (new, "queued", "received")
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE)


def test_an_activation_meets_a_retry_a_sweep_and_new_cases(clinic):
    """All of them want the same jobs and cases: none waits for another in a circle."""
    site, people = clinic
    for _ in range(5):
        failed = [make_case(site, people.clinician, CaseState.FAILED, images=2) for _ in range(4)]
        fresh = make_case(site, people.clinician, CaseState.RECEIVED)
        Job.objects.filter(image__case=fresh).delete()
        new = make_release(active=False)
        results = at_once(
            lambda new=new: activate_release(new),
            *[
                lambda case=case: retry_case(case=case, actor=people.reviewer)
                for case in reversed(failed)
            ],
            sweep_and_send,
            lambda fresh=fresh: queue_case(fresh, list(fresh.images.all())),
        )
        assert {type(result) for result in results} <= {Release, Conflict, type(None)}
        sweep_and_send()
        jobs = Job.objects.filter(image__case__in=[*failed, fresh])
        assert {(job.release, job.state) for job in jobs} == {(new, "queued")}
        assert len(jobs) == 9
        for case in failed:
            case.refresh_from_db()
            assert case.state == CaseState.RECEIVED
        jobs.delete()


def test_a_check_is_made_by_one_worker(clinic):
    make_release(active=False, state=ReleaseState.CHECKING, check_due_at=timezone.now())
    taken = at_once(*[claim_check] * 4)
    assert sum(check is not None for check in taken) == 1


def test_of_two_passed_checks_one_release_becomes_active(clinic):
    Release.objects.update(is_active=False)
    for _ in range(2):
        make_release(
            active=False,
            state=ReleaseState.CHECKING,
            check_due_at=timezone.now(),
            activation=Activation.IF_NONE,
        )
    found = [claim_check(), claim_check()]
    assert at_once(*[lambda check=check: pass_check(check) for check in found]) == [True, True]
    assert Release.objects.filter(is_active=True).count() == 1
    assert Release.objects.filter(state=ReleaseState.USABLE, activation="").count() == 2


def test_the_audit_chain_has_no_fork(clinic):
    site, people = clinic
    cases = [make_case(site, people.clinician) for _ in range(5)]  # as one reader may hold
    at_once(*[lambda case=case: claim(case=case, reader=people.reviewer) for case in cases])
    entries = list(AuditEntry.objects.filter(site=site).order_by("id"))
    assert len(entries) == 5
    for earlier, later in itertools.pairwise(entries):
        assert later.previous_hash == earlier.hash


def test_of_two_changes_of_points_each_knows_what_was_before_it(clinic):
    site, people = clinic
    release = make_release()
    wanted = [OperatingPoints(0.2, 0.6), OperatingPoints(0.3, 0.7)]
    common = {"site": site, "release": release, "reason": "At once", "actor": people.admin}
    rows = at_once(
        *(lambda points=points: set_points(points=points, **common) for points in wanted)
    )
    assert sorted(row.number for row in rows) == [1, 2]
    first, second = SitePoints.objects.order_by("number")
    entries = AuditEntry.objects.filter(verb="points.changed").order_by("id")
    changes = [(entry.detail["before"], entry.detail["after"]) for entry in entries]
    recorded = [(before["points"], after["points"]) for before, after in changes]
    assert recorded == [(None, vars(first.points)), (vars(first.points), vars(second.points))]
