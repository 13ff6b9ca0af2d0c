"""How long a picture waits for another process when the one that reads it is killed, stopped or gone."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from tests.factories import incoming, make_case, make_people, make_site, picture_bytes
from tests.processes import INTAKE, WORKER, wait_until
from triage.inference.services import sweep_and_send
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case, DecodeJob, Job
from triage.models.leased_job import ATTEMPTS
from triage.states import CaseState, JobState
from triage.vocabulary import BodyPart, Source

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
# A worker whose lost job is taken up in this time was told by nobody: a lease is longer.
SOON, LEASE, SWEEPS_EVERY = 5, 8, 5  # seconds
INFERENCE = (*WORKER, "-Q", "inference", "-n")


class Hanging:
    """A case whose picture a worker waits for until ``give`` lets it have the bytes."""

    def __init__(self) -> None:
        site = make_site()
        self.case = make_case(site, make_people(site, make_site()).clinician, CaseState.RECEIVED)
        self.path = Path(default_storage.path(self.case.first_image.rendition.name))
        self.path.unlink()
        os.mkfifo(self.path)

    @property
    def job(self) -> Job:
        return Job.objects.get(image__case=self.case)

    def is_tried(self, attempt: int) -> bool:
        return Job.objects.filter(state=JobState.RUNNING, attempt=attempt).exists()

    def give(self) -> None:
        self.path.write_bytes(picture_bytes())

    def is_predicted(self) -> bool:
        return Case.objects.filter(pk=self.case.pk, state=CaseState.PREDICTED).exists()


@pytest.fixture
def hanging(release):
    hanging = Hanging()
    yield hanging
    hanging.path.unlink(missing_ok=True)


def ready(worker):
    wait_until(lambda: " ready." in worker.output, 60, "the worker's start")


def test_a_worker_that_is_started_again_takes_up_what_it_held(hanging, start):
    """No sweep runs here: the fresh process finds out by itself, when it is up, and not a lease later."""
    worker = start("first", *INFERENCE, "inference@%h")
    wait_until(lambda: hanging.is_tried(1), 60, "the first try")
    worker.kill(signal.SIGKILL)
    again = start("second", *INFERENCE, "inference@%h")
    ready(again)
    up = time.monotonic()
    wait_until(lambda: hanging.is_tried(2), 60, "the second try")
    print(f"taken up {time.monotonic() - up:.1f} s after the worker was ready")
    assert time.monotonic() - up < SOON
    hanging.give()
    wait_until(hanging.is_predicted, 30, "the prediction")
    assert (hanging.job.attempts_left, hanging.job.alone) == (ATTEMPTS - 2, True)


def test_a_process_of_the_pool_that_is_killed_costs_no_lease(hanging, start):
    """Celery starts another one at once, and delivers the message again."""
    worker = start("worker", *INFERENCE, "inference@%h")
    for attempt in (1, 2):
        wait_until(partial(hanging.is_tried, attempt), 60, "a try")
        kill_holder(hanging.job, worker)
        wait_until_taken_up(partial(hanging.is_tried, attempt + 1))
    hanging.give()
    wait_until(hanging.is_predicted, 30, "the prediction")


def test_an_intake_process_that_is_killed_costs_no_lease(start):
    site = make_site()
    file = incoming()
    arrive_case(
        sender=make_people(site, make_site()).clinician,
        site=site,
        files=[file],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )
    original = Path(default_storage.path(file.stored))
    original.unlink()
    os.mkfifo(original)  # a worker waits for its bytes

    def is_tried(attempt):
        return DecodeJob.objects.filter(state=JobState.RUNNING, attempt=attempt).exists()

    worker = start("intake", *INTAKE)
    for attempt in (1, 2):
        wait_until(partial(is_tried, attempt), 60, "a try")
        kill_holder(DecodeJob.objects.get(), worker)
        wait_until_taken_up(partial(is_tried, attempt + 1))


def kill_holder(job, worker):
    process_id = int(job.holder.split()[-2])
    assert process_id != worker.popen.pid
    os.kill(process_id, signal.SIGKILL)


def wait_until_taken_up(is_tried):
    killed = time.monotonic()
    wait_until(is_tried, 60, "the next try")
    print(f"taken up {time.monotonic() - killed:.1f} s after the process was killed")
    assert time.monotonic() - killed < LEASE


def test_another_worker_takes_up_what_a_lost_machine_held(hanging, start):
    lost = start("lost", *INFERENCE, "lost@%h")
    wait_until(lambda: hanging.is_tried(1), 60, "the first try")
    ready(start("other", *INFERENCE, "other@%h"))
    sweep_and_send()
    lost.kill(signal.SIGKILL)
    killed = time.monotonic()

    def taken_up():
        time.sleep(0.1)
        if int((time.monotonic() - killed) / SWEEPS_EVERY) > swept[0]:  # as beat does
            swept[0] += 1
            sweep_and_send()
        return hanging.is_tried(2)

    swept = [0]
    wait_until(taken_up, 20, "the second try")
    print(f"taken up {time.monotonic() - killed:.1f} s after the machine was lost")
    assert time.monotonic() - killed > SOON, "nobody can know it before the lease runs out"
    hanging.give()
    wait_until(hanging.is_predicted, 30, "the prediction")


def test_a_worker_that_is_stopped_for_three_seconds_loses_no_try(hanging, start):
    """And one that works for longer than a lease loses none either."""
    worker = start("worker", *INFERENCE, "inference@%h")
    wait_until(lambda: hanging.is_tried(1), 60, "the first try")
    begun = time.monotonic()
    os.killpg(worker.popen.pid, signal.SIGSTOP)
    while time.monotonic() < begun + LEASE + 2:
        time.sleep(0.25)
        sweep_and_send()
        if time.monotonic() > begun + 3:
            os.killpg(worker.popen.pid, signal.SIGCONT)
    hanging.give()
    wait_until(hanging.is_predicted, 30, "the prediction")
    assert (hanging.job.attempt, hanging.job.attempts_left) == (1, ATTEMPTS - 1)
