"""What is no picture's fault spends no picture's tries, and nothing goes on for ever."""

import ast
import os
import signal
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from classifier.indication_table import read_indications
from tests.factories import make_case, usable_release
from triage.inference import queue
from triage.inference.worker import loading, tasks
from triage.inference.worker.batch import SLOW_TRIES, work_on_batch, work_until_empty
from triage.models import Job, Prediction
from triage.queue import PAUSES
from triage.reasons import JobError
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def release(db, storage):
    return usable_release()


@pytest.fixture
def cases(release, site, people):
    return [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(4)]


@contextmanager
def raised_after(seconds, error):
    """Raises ``error`` in the midst of the work, as billiard's own signal handlers do."""

    def interrupt(*_):
        raise error

    former = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with pytest.raises(error):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


class Engine:
    """A classifier of a release that is for every bone."""

    release = SimpleNamespace(indications=read_indications({}), preprocessings=())


class Slow(Engine):
    """An engine that takes longer than any limit."""

    def classify(self, radiographs, points=None):
        time.sleep(30)


class ShortOfMemory(Engine):
    """An engine on a machine without memory."""

    def __init__(self, error):
        self.error = error

    def classify(self, radiographs, points=None):
        raise self.error


def states():
    return set(Job.objects.values_list("state", "attempts_left", "alone", "interruptions", "error"))


def pauses_end():
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_a_batch_that_runs_out_of_time_is_queued_again_with_all_its_tries(cases, release):
    jobs, classifier = queue.claim_jobs(), loading.classifier_for(release)
    with raised_after(0.02, SoftTimeLimitExceeded):
        work_on_batch(jobs, classifier)
    assert states() == {("queued", 3, True, 0, "")}
    assert work_until_empty() == 4
    assert {job.attempts_left for job in Job.objects.all()} == {2}


def test_time_that_runs_out_while_a_picture_is_fetched_is_no_fault_of_the_picture(cases):
    path = Path(default_storage.path(cases[0].first_image.rendition.name))
    path.unlink()
    os.mkfifo(path)  # opening it waits for ever, as a storage that hangs
    jobs = queue.claim_jobs()
    with raised_after(0.1, SoftTimeLimitExceeded):
        work_on_batch(jobs, Slow())
    assert states() == {("queued", 3, True, 0, "")}


def test_a_worker_that_is_asked_to_stop_gives_its_batch_back_as_it_was(cases, release):
    jobs, classifier = queue.claim_jobs(), loading.classifier_for(release)
    with raised_after(0.02, SystemExit):
        work_on_batch(jobs, classifier)
    assert states() == {("queued", 3, False, 0, "")}


def test_a_picture_that_hangs_the_engine_each_time_fails_in_the_end(cases):
    """Alone it is the cause; the others are read."""
    hanging = Job.objects.get(image__case=cases[0])
    others = Job.objects.exclude(pk=hanging.pk)
    for tries in range(SLOW_TRIES + 2):
        (job,) = queue.claim_jobs() if tries else queue.claim_jobs()[:1]
        if not tries:
            Job.objects.filter(pk__in=others).update(state=JobState.DONE, leased_until=None)
        assert job.pk == hanging.pk
        with raised_after(0.02, SoftTimeLimitExceeded):
            work_on_batch([job], Slow())
        hanging.refresh_from_db()
        if hanging.state == JobState.FAILED:
            break
        assert (hanging.state, hanging.attempts_left) == (JobState.QUEUED, 3)
        assert tries == 0 or queue.claim_jobs() == [], "it waits before it takes a worker again"
        pauses_end()
    assert (hanging.state, hanging.error) == (JobState.FAILED, JobError.TOO_SLOW)
    assert tries == SLOW_TRIES + 1
    cases[0].refresh_from_db()
    assert cases[0].state == CaseState.FAILED


def test_a_storage_outage_is_no_fault_of_the_pictures(cases, storage):
    away = storage.rename(storage.with_name("away"))
    assert work_until_empty() == 0
    assert {job.attempts_left for job in Job.objects.all()} == {3}
    assert {job.state for job in Job.objects.all()} == {"queued"}
    assert queue.claim_jobs() == [], "they wait"
    away.rename(storage)
    pauses_end()
    assert work_until_empty() == 4
    assert Prediction.objects.count() == 4


def test_one_file_that_is_not_there_holds_nobody_up_and_fails_in_the_end(cases):
    missing = cases[0]
    default_storage.delete(missing.first_image.rendition.name)
    assert work_until_empty() == 3
    rounds = 0
    while not Job.objects.filter(image__case=missing, state=JobState.FAILED).exists():
        rounds += 1
        assert rounds <= len(PAUSES), "it goes on for ever"
        pauses_end()
        work_until_empty()
    missing.refresh_from_db()
    assert missing.state == CaseState.FAILED
    assert Job.objects.get(image__case=missing).error == JobError.NOT_REACHED
    assert sum(PAUSES) > 25 * 60, "an outage of a coffee break fails no case"


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("Failed to allocate memory for requested buffer of 9")]
)
def test_a_machine_without_memory_is_no_fault_of_the_pictures(cases, error):
    assert work_on_batch(queue.claim_jobs(), ShortOfMemory(error)) == 0
    assert states() == {("queued", 3, True, 0, "")}
    assert work_until_empty() == 4


def test_a_finding_that_can_not_be_stored_spends_tries_alone(cases, release):
    real = loading.classifier_for(release)

    class Beyond(Engine):
        release = real.release

        def classify(self, radiographs, points=None):
            from dataclasses import replace

            return [replace(each, confidence=7.0) for each in real.classify(radiographs)]

    work_on_batch(queue.claim_jobs(), Beyond())
    assert states() == {("queued", 2, True, 0, "")}
    for _ in range(2 * len(cases)):
        work_on_batch(queue.claim_jobs(), Beyond())
    assert states() == {("failed", 0, True, 0, JobError.NOT_CLASSIFIED)}


def test_an_engine_that_fails_on_a_picture_spends_tries_alone(cases):
    work_on_batch(queue.claim_jobs(), ShortOfMemory(ValueError("shape")))
    assert states() == {("queued", 2, True, 0, "")}


def test_a_batch_runs_out_of_time_before_its_process_is_killed():
    """Else it would spend its tries."""
    soft, hard = tasks.LIMITS["soft_time_limit"], tasks.LIMITS["time_limit"]
    inference = settings.CALLUS_INFERENCE
    assert inference["seconds_per_message"] + 30 < soft < hard < inference["load_lease_seconds"]
    transport = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert transport["visibility_timeout"] >= 3 * hard


def broad_handlers():
    """(file, line, try block) of each ``except Exception`` where Celery may interrupt the work."""
    modules = (*Path("triage/inference").rglob("*.py"), *Path("triage/worklist").rglob("*.py"))
    for path in (*modules, Path("triage/dispatch.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Try):
                for handler in node.handlers:
                    if handler.type is None or ast.unparse(handler.type) == "Exception":
                        yield f"{path}:{handler.lineno}", node, handler


def test_no_handler_swallows_a_time_limit():
    """``SoftTimeLimitExceeded`` is an Exception: a broad handler must let it through."""
    found = list(broad_handlers())
    assert len(found) >= 5
    for place, block, handler in found:
        before = block.handlers[: block.handlers.index(handler)]
        named = [each for each in before if "SoftTimeLimitExceeded" in ast.unparse(each.type)]
        raising = [each for each in (*named, handler) if "raise" in ast.unparse(each)]
        assert raising, f"{place} swallows the time limit"
