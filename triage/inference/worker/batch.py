"""What an inference worker does when a message comes: batch after batch until nothing is queued."""

import logging
import time
import traceback
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

from accounts.contention import contention, retry_contention
from classifier.classify import Classifier
from triage.inference import queue
from triage.inference.checks import suspend
from triage.inference.dispatch import send_classify_queued
from triage.inference.health import beat_now_and_then
from triage.inference.services import take_back_lost
from triage.inference.worker.classification import classify_jobs
from triage.inference.worker.loading import classifier_for
from triage.inference.worker.outcomes import Outcome, record_outcomes, requeue_interrupted
from triage.inference.worker.release_check import problem_of
from triage.models import Job, Release
from triage.queue import give_back, renewing
from triage.reasons import JobError

logger = logging.getLogger(__name__)

# Tries of a picture that runs into the time limit. Each blocks a worker for that long, so fewer than pauses.
SLOW_TRIES = 3


def work_until_empty() -> int:
    """Classifies queued jobs until there are none. Returns how many got an outcome.

    1. Take back what a process of this worker held that was killed.
    2. Look which release the most urgent job is for, and load it. A release that can't be loaded is
       suspended before any job is claimed, so that no picture spends a try on it.
    3. Claim a batch of that release's jobs.
    4. Classify it outside any transaction while its leases are renewed, and record what came of it in one.
    5. After ``seconds_per_message`` send another message and end: no task comes near its time limit, and
       Celery can stop the worker between two batches.
    """
    done = 0
    stop_at = time.monotonic() + settings.CALLUS_INFERENCE["seconds_per_message"]
    take_back_lost()
    while release := queue.next_release():
        classifier = _ready(release)
        if classifier is None:
            continue  # its jobs wait for a check now, and the next release's turn has come
        jobs = queue.claim_jobs(release)
        if not jobs:
            break  # other workers hold them; the sweep sends the task again if something is left
        with renewing(jobs):
            done += work_on_batch(jobs, classifier)
        beat_now_and_then("inference")  # it lives, however late its heartbeat message
        if time.monotonic() > stop_at:
            send_classify_queued()
            break
    return done


def _ready(release: Release) -> Classifier | None:
    """The release's classifier; None where it can't be loaded, which suspends the release."""
    try:
        return classifier_for(release)
    except Error:  # the database's, not the release's
        raise
    except Exception as error:
        logger.exception("Release %s can't be loaded; its jobs wait for its check", release)
        suspend(release, problem_of(error))
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return None


def work_on_batch(jobs: list[Job], classifier: Classifier) -> int:
    """Classifies and records one batch. Returns how many of its jobs got an outcome.

    If something interrupts it (the time limit, the database, the worker's end), its jobs go back to the queue
    and keep their tries; ``queue.requeue`` says how often. A finding that can't be stored spends a try.
    The handlers run from narrow to wide: SoftTimeLimitExceeded is an Exception, SystemExit is only a
    BaseException.
    """
    try:
        return record_outcomes(classify_jobs(jobs, classifier))
    except SoftTimeLimitExceeded:
        requeue_interrupted(jobs, JobError.TOO_SLOW, traceback.format_exc(), most=SLOW_TRIES)
        raise
    except (OperationalError, InterfaceError) as error:
        # Given back, the jobs needn't wait for their lease to end; the next message reads them again.
        logger.warning("A batch of %d jobs goes back to the queue", len(jobs))
        retry_contention(
            partial(requeue_interrupted, jobs, JobError.NOT_STORED, traceback.format_exc())
        )
        if contention(error):
            return 0
        raise
    except Exception:
        # The finding itself can't be stored: tried again alone, and it spends tries.
        logger.exception("A batch of %d jobs could not be stored", len(jobs))
        detail = traceback.format_exc()
        return record_outcomes(
            [Outcome(job, error=JobError.NOT_CLASSIFIED, detail=detail) for job in jobs]
        )
    except BaseException:  # SystemExit: the worker was asked to stop
        give_back(jobs)
        raise
