"""An activation takes over what waits and what failed, whatever release it waited or failed by."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted
from accounts.roles import Role
from tests.factories import make_case, make_member, make_prediction, make_release, make_site
from tests.plans import plans_of
from triage.inference import queue
from triage.inference.checks import STOPPED, suspend
from triage.inference.releases import activate_release, reassign_left_behind
from triage.inference.services import queue_case, retry_case, sweep_and_send
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.models import Image, Job, Release
from triage.reasons import JobError
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState, JobState, ReleaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def old(db):
    return make_release()


@pytest.fixture
def new(old):
    return make_release(active=False)


def jobs_of(case):
    return list(
        Job.objects.filter(image__case=case)
        .order_by("image__position")
        .values_list("release", "state")
    )


def set_aside(release):
    Release.objects.filter(pk=release.pk).update(
        is_active=False,
        state=ReleaseState.SET_ASIDE,
        problem="A file is missing.",
        check_due_at=None,
    )


def test_what_is_queued_is_read_by_the_new_release(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED, images=2)
    activate_release(new)
    assert jobs_of(case) == [(new.pk, "queued")] * 2
    assert {job.release for job in queue.claim_jobs()} == {new}


def test_what_failed_is_read_again_by_the_new_release_with_fresh_tries(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    Job.objects.update(interruptions=4)
    activate_release(new)
    case.refresh_from_db()
    job = Job.objects.get(image__case=case)
    assert case.state == CaseState.RECEIVED
    assert (job.release, job.state, job.error) == (new, JobState.QUEUED, "")
    assert (job.attempts_left, job.interruptions, job.alone) == (3, 0, True)
    moved = AuditEntry.objects.get(verb="release.activated")
    assert moved.detail["jobs"] == 1
    entries = AuditEntry.objects.filter(subject_id=str(case.pk)).values_list("verb", flat=True)
    assert list(entries) == ["case.requeued"]


def test_what_was_read_and_what_is_closed_stays_as_it_was(old, new, site, people):
    read = make_case(site, people.clinician, CaseState.PREDICTED)
    closed = make_case(site, people.clinician, CaseState.FAILED)
    sign(case=closed, reader=people.reviewer, given=GivenOpinion("none"))
    withdrawn = make_case(site, people.clinician, CaseState.WITHDRAWN)
    before = list(Job.objects.order_by("pk").values())
    activate_release(new)
    assert list(Job.objects.order_by("pk").values()) == before
    read.refresh_from_db()
    withdrawn.refresh_from_db()
    assert (read.state, withdrawn.state) == (CaseState.PREDICTED, CaseState.WITHDRAWN)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.FAILED, JobState.RUNNING])
def test_one_job_an_image_is_left_where_the_new_release_has_one_already(
    old, new, site, people, state
):
    case = make_case(site, people.clinician, CaseState.FAILED)
    there = Job.objects.create(image=case.first_image, release=new, priority=0, attempt=7)
    if state == JobState.RUNNING:
        (there,) = queue.claim_jobs(new)
    elif state == JobState.FAILED:
        Job.objects.filter(pk=there.pk).update(state=state, error="No.", attempts_left=0)
    activate_release(new)
    job = Job.objects.get(image__case=case)
    assert (job.pk, job.attempt) == (there.pk, there.attempt)
    assert job.state == (JobState.RUNNING if state == JobState.RUNNING else JobState.QUEUED)
    assert job.attempts_left == (2 if state == JobState.RUNNING else 3)
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED


def test_an_image_that_the_new_release_has_read_is_not_read_again(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    make_prediction(case.first_image, new)
    activate_release(new)
    assert jobs_of(case) == [(new.pk, "done")]
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED


def test_a_case_that_waited_for_another_release_only_is_read_already(old, new, site, people):
    """Its last job goes away, so no worker will bring the case into line."""
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    make_prediction(case.first_image, new)
    activate_release(new)
    assert jobs_of(case) == [(new.pk, "done")]
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED


def test_two_jobs_of_one_image_become_one(old, new, site, people):
    older = make_release(active=False)
    case = make_case(site, people.clinician, CaseState.FAILED)
    Job.objects.create(image=case.first_image, release=older, priority=0)
    activate_release(new)
    assert jobs_of(case) == [(new.pk, "queued")]


def test_there_and_back_again(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    activate_release(new)
    activate_release(old)
    assert jobs_of(case) == [(old.pk, "queued")]


@pytest.mark.parametrize("tries", [1, 3])
def test_a_job_that_a_worker_held_at_that_moment_follows_when_it_comes_back(
    old, new, site, people, tries
):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.update(attempts_left=tries)
    held = queue.claim_jobs()
    activate_release(new)
    assert jobs_of(case) == [(old.pk, "running")]
    record_outcomes([Outcome(held[0], error=JobError.UNREADABLE, detail="")])
    sweep_and_send()
    assert jobs_of(case) == [(new.pk, "queued")]
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED


def test_a_job_that_was_queued_while_the_activation_was_committed_follows(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.all().delete()
    activate_release(new)
    queue.enqueue(case.images.all(), old, case.priority)  # it had asked for the active one before
    sweep_and_send()
    assert jobs_of(case) == [(new.pk, "queued")]


def test_a_job_that_the_former_release_excluded_at_that_moment_follows(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    (held,) = queue.claim_jobs()
    activate_release(new)
    record_outcomes([Outcome(held, excluded="Not for wrists.")])
    sweep_and_send()
    assert jobs_of(case) == [(new.pk, "queued")]
    assert Job.objects.get().reason == ""
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.RECEIVED, "")


def test_a_sweep_does_not_read_the_history_of_excluded_pictures(committed_db):
    """They are an everyday thing at a clinic that also takes chest films. Committed and analysed, so that
    the plan is that of a running site.
    """
    old, site = make_release(), make_site()
    new = make_release(active=False)
    case = make_case(site, make_member(site, Role.CLINICIAN), CaseState.REVIEWED)
    plain = {"case": case, "site": site, "kind": "png", "byte_size": 1, "width": 1, "height": 1}
    images = Image.objects.bulk_create(
        Image(**plain, bits=8, position=number, sha256=f"{number:064x}")
        for number in range(2, 3000)
    )
    ended = {"state": JobState.EXCLUDED, "reason": "Not for wrists.", "priority": 2}
    ended["finished_at"] = timezone.now() - timedelta(days=30)
    Job.objects.bulk_create(Job(image=image, release=old, **ended) for image in images)
    activate_release(new)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    assert sum(plan.rows("triage_job") for plan in plans_of(reassign_left_behind)) < 20
    assert Job.objects.filter(release=old, state=JobState.EXCLUDED).count() == len(images)


def test_jobs_of_a_release_in_doubt_or_set_aside_are_nobodys_turn(old, site, people):
    make_case(site, people.clinician, CaseState.RECEIVED)
    suspend(old, STOPPED)
    assert queue.next_release() is None
    assert queue.claim_jobs() == []
    set_aside(old)
    assert queue.claim_jobs() == []


def test_retry_goes_to_the_active_release(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    Release.objects.filter(pk=old.pk).update(is_active=False)
    Release.objects.filter(pk=new.pk).update(is_active=True)
    with pytest.raises(NotPermitted):
        retry_case(case=case, actor=people.stranger)
    retry_case(case=case, actor=people.reviewer)
    assert jobs_of(case) == [(new.pk, "queued")]
    with pytest.raises(Conflict):
        retry_case(case=case, actor=people.reviewer)


def test_retry_of_what_the_active_release_has_read_meanwhile_waits_for_nothing(
    old, new, site, people
):
    case = make_case(site, people.clinician, CaseState.FAILED)
    make_prediction(case.first_image, new)
    Release.objects.filter(pk=old.pk).update(is_active=False)
    Release.objects.filter(pk=new.pk).update(is_active=True)
    retry_case(case=case, actor=people.reviewer)
    assert jobs_of(case) == [(new.pk, "done")]
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED


def test_retry_says_so_where_no_release_is_active(old, site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    set_aside(old)
    with pytest.raises(Conflict, match="No model release is in use"):
        retry_case(case=case, actor=people.reviewer)
    assert jobs_of(case) == [(old.pk, "failed")]


def test_without_an_active_release_a_case_waits_for_the_next_one(old, new, site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    set_aside(old)
    Job.objects.all().delete()
    queue_case(case, list(case.images.all()))
    assert jobs_of(case) == []
    activate_release(new)
    assert jobs_of(case) == [(new.pk, "queued")]


def test_a_sweep_costs_two_queries_where_no_job_is_left_behind(
    old, new, site, people, django_assert_max_num_queries
):
    make_case(site, people.clinician, CaseState.RECEIVED)
    with django_assert_max_num_queries(5):  # two of them a savepoint's
        reassign_left_behind()
