"""What an intake worker does when a message comes: file after file until none waits."""

import logging
import time
import traceback
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.contention import contention, retry_contention
from triage.apart import apart
from triage.inference.health import beat_now_and_then
from triage.intake import queue
from triage.intake.decision import conclude
from triage.intake.decoded import Decoded
from triage.intake.decoding import DecodingOutage, decode
from triage.intake.dispatch import QUEUE, send_decode_queued
from triage.intake.orphans import remove
from triage.intake.sandbox import DecoderEnded
from triage.models import DecodeJob
from triage.queue import give_back, renewing
from triage.reasons import JobError

logger = logging.getLogger(__name__)


def decode_until_empty() -> int:
    """Decodes the files that wait until there are none. Returns how many jobs it took.

    First it takes back what a process of this worker held that was killed. After ``seconds_per_message`` it
    sends another message and ends: no task comes near its time limit, and Celery can stop the worker between
    two files.
    """
    done = 0
    stop_at = time.monotonic() + settings.CALLUS_INTAKE["seconds_per_message"]
    queue.take_back_lost()
    job = queue.claim_next()
    while job is not None:
        with renewing([job]):
            work_on(job)
        done += 1
        beat_now_and_then(QUEUE)  # it lives, however late its heartbeat message
        if time.monotonic() > stop_at:
            send_decode_queued()
            break
        # Mostly nothing waits after the last file, and to see that costs less than to claim.
        job = queue.claim_next() if queue.is_waiting() else None
    return done


def work_on(job: DecodeJob) -> None:
    """Decodes one file outside any transaction, records what came of it, and concludes its case if it was the
    last one.

    Whatever interrupts it (the time limit, the storage, the database, the worker's end) gives the job back,
    and spends none of its tries.
    The handlers run from narrow to wide: SoftTimeLimitExceeded is an Exception, SystemExit is only a
    BaseException.
    """
    try:
        decoded = decode(job)
        if not retry_contention(partial(queue.record, job, decoded)) and isinstance(
            decoded, Decoded
        ):
            remove(decoded.derived.values())  # another worker has the job now, and makes its own
    except SoftTimeLimitExceeded:
        # The sandbox ends a slow file far earlier: it was the storage that hung.
        queue.put_back(job, JobError.TOO_SLOW, traceback.format_exc())
        raise
    except DecoderEnded:
        logger.warning("Decode job %s ended its decoders", job.pk, exc_info=True)
        queue.put_back_dangerous(job, traceback.format_exc())
    except DecodingOutage:
        logger.warning("Decode job %s: the storage or the decoder is away", job.pk, exc_info=True)
        queue.put_back(job, JobError.NOT_REACHED, traceback.format_exc())
    except (OperationalError, InterfaceError) as error:
        logger.warning("Decode job %s goes back to the queue", job.pk)
        retry_contention(partial(queue.put_back, job, JobError.NOT_STORED, traceback.format_exc()))
        if not contention(error):
            raise
    except Exception:
        # A fault of ours, or an error of a storage that is no OSError. The file isn't refused for it.
        logger.exception("Decode job %s goes back to the queue", job.pk)
        queue.put_back(job, JobError.NOT_STORED, traceback.format_exc())
    except BaseException:  # SystemExit: the worker was asked to stop
        give_back([job])
        raise
    with apart(f"The decision on case {job.case_id}"):  # the sweep tries again
        conclude(job.case_id)
