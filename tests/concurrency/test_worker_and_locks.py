"""A worker that can't write what it found, since somebody else holds the rows: nothing is lost."""

import signal
import threading
from contextlib import contextmanager

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connections, transaction

from tests.factories import make_case, make_people, make_site, usable_release
from triage.inference import queue
from triage.inference.worker import loading
from triage.inference.worker.batch import work_on_batch, work_until_empty
from triage.models import Case, Job

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def case(committed_db):
    usable_release()
    site = make_site()
    return make_case(site, make_people(site, make_site()).clinician, "received")


@contextmanager
def locked_by_another(case):
    """Another connection holds the case's row until the block is left."""
    holds, may_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            holds.set()
            may_go.wait(20)
        connections["default"].close()

    other = threading.Thread(target=hold)
    other.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        may_go.set()
        other.join(10)


def work(case):
    jobs = queue.claim_jobs()
    work_on_batch(jobs, loading.classifier_for(jobs[0].release))


def assert_nothing_is_lost(case):
    job = Job.objects.get(image__case=case)
    assert (job.state, job.attempts_left) == ("queued", 3)
    assert work_until_empty() == 1
    case.refresh_from_db()
    assert case.state == "predicted"


@pytest.mark.parametrize("error", [SoftTimeLimitExceeded, SystemExit])
def test_a_worker_that_is_interrupted_while_it_waits_for_a_lock_spends_no_try(case, error):
    """The connection has an unfinished statement then, and is given up with its transaction."""

    def interrupt(*_):
        raise error

    former = signal.signal(signal.SIGALRM, interrupt)
    try:
        with locked_by_another(case), pytest.raises(error):
            signal.setitimer(signal.ITIMER_REAL, 0.7)
            work(case)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
    assert_nothing_is_lost(case)
