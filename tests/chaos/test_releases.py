"""A real worker and a release that can't be loaded: it is set aside, others are read, rollback works."""

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories import make_case, make_people, make_site, usable_release
from tests.processes import WORKER, wait_until
from tests.releases import cut, release_copy, weights
from triage.inference.checks import STOPPED, request_check
from triage.inference.releases import activate_release, register_release
from triage.inference.services import sweep_and_send
from triage.models import Job, Release
from triage.models.release import CHECKS
from triage.states import CaseState, JobState, ReleaseState

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
INFERENCE = (*WORKER, "-Q", "inference")


@pytest.fixture
def hanging():
    """Makes a file one that can be opened and never gives a byte; it is gone afterwards."""
    made = []

    def hang(path):
        path.unlink()
        os.mkfifo(path)
        made.append(path)

    yield hang
    for path in made:
        path.unlink()


@pytest.fixture
def clinic(committed_db):
    site = make_site()
    return site, make_people(site, make_site())


def send(clinic):
    site, people = clinic
    return make_case(site, people.clinician, CaseState.RECEIVED)


def is_read(case):
    """Sweeps as beat would, and looks."""
    sweep_and_send()
    case.refresh_from_db()
    return case.state == CaseState.PREDICTED


def reaches(release, state):
    """Sweeps as beat would, lets the pauses pass, and looks."""
    past = timezone.now() - timedelta(seconds=1)
    pause = timezone.now() + timedelta(seconds=70)
    waits = Release.objects.filter(pk=release.pk, check_due_at__lt=pause)
    waits.exclude(problem="").update(check_due_at=past)
    sweep_and_send()
    release.refresh_from_db()
    return release.state == state and release.check_due_at is None


def child_of(worker):
    """The process that does the work."""
    found = psutil.Process(worker.popen.pid).children()
    return found[0] if found else None


def test_a_broken_release_is_set_aside_while_others_are_read_and_a_rollback_reads_what_failed(
    clinic, start, tmp_path
):
    damaged = usable_release()
    other = usable_release(release_copy(tmp_path, "9.9.9"))
    activate_release(damaged)
    whole = cut(weights(damaged))
    broken = register_release(release_copy(tmp_path, "9.9.10", onnx=b"no graph"))
    case = send(clinic)
    failed = make_case(clinic[0], clinic[1].clinician, CaseState.FAILED)
    start("worker", *INFERENCE)

    for release in (damaged, broken):
        wait_until(
            lambda release=release: reaches(release, ReleaseState.SET_ASIDE), 60, "setting aside"
        )
    assert "SHA-256 differs" in damaged.problem_to_show
    assert broken.problem_to_show.startswith("The engine can't run it.")
    assert not Release.objects.filter(is_active=True).exists()
    job = Job.objects.get(image__case=case)
    assert (job.state, job.attempt, job.attempts_left) == (JobState.QUEUED, 0, 3)

    activate_release(other, actor=clinic[1].staff)
    for waiting in (case, failed):
        wait_until(lambda waiting=waiting: is_read(waiting), 60, "the reading by the other one")
        assert waiting.deciding_prediction.release == other

    weights(damaged).write_bytes(whole)
    request_check(damaged, actor=clinic[1].staff)
    wait_until(lambda: reaches(damaged, ReleaseState.USABLE), 60, "the repaired one's check")
    other.refresh_from_db()
    assert other.is_active, "somebody chose it meanwhile"
    verbs = AuditEntry.objects.filter(subject_id=str(damaged.pk)).order_by("id")
    assert list(verbs.values_list("verb", flat=True))[-3:] == [
        "release.set_aside",
        "release.check_requested",
        "release.usable",
    ]


def test_a_release_that_kills_every_worker_is_set_aside_and_others_are_read_meanwhile(
    clinic, start, tmp_path, hanging
):
    usable_release()
    deadly = register_release(release_copy(tmp_path, "9.9.9"))
    hanging(weights(deadly))
    worker = start("worker", *INFERENCE)

    def is_loading(attempt):
        sweep_and_send()
        deadly.refresh_from_db()
        return deadly.check_attempt >= attempt and child_of(worker)

    for tries in range(1, CHECKS + 1):
        victim = wait_until(lambda tries=tries: is_loading(tries), 60, "the check")
        victim.send_signal(signal.SIGKILL)
        case = send(clinic)
        wait_until(lambda case=case: is_read(case), 60, "the reading by the usable release")
        Release.objects.filter(pk=deadly.pk).update(check_due_at=timezone.now())
    wait_until(lambda: reaches(deadly, ReleaseState.SET_ASIDE), 60, "setting aside")
    assert deadly.problem == STOPPED.code
    assert worker.popen.poll() is None


def test_celerys_own_time_limit_and_shutdown_lose_nothing(clinic, start):
    """Inside a batch they spend no try (tests/inference); between a claim and its batch the sweep helps."""
    usable_release()
    cases = [send(clinic) for _ in range(24)]
    worker = start("worker", *INFERENCE)

    def works():
        sweep_and_send()
        return Job.objects.filter(state=JobState.RUNNING).exists()

    for number in (signal.SIGUSR1, signal.SIGTERM):  # what billiard sends for each
        wait_until(works, 60, "a batch")
        child_of(worker).send_signal(number)
        if number == signal.SIGUSR1:  # a second signal must not meet the first one's clearing up
            wait_until(lambda: "SoftTimeLimitExceeded" in worker.output, 30, "the end of the task")
    for case in cases:
        wait_until(lambda case=case: sweep_and_send() or is_read(case), 90, "every case's reading")
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert "SoftTimeLimitExceeded" in worker.output
