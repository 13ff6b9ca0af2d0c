"""The queue of files to be decoded: a ``triage.queue`` of decode jobs, the most urgent case first."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from triage import queue
from triage.intake.decoded import Decoded
from triage.intake.errors import IntakeBusy
from triage.intake.incoming import IncomingFile
from triage.intake.refusals import FileReason
from triage.models import Case, DecodeJob
from triage.models.leased_job import ATTEMPTS
from triage.reasons import JobError
from triage.states import JobState

ORDER = ("priority", "queued_at", "pk")  # as the partial index of queued jobs is sorted
# What one core decodes in a second, at least: how long a sender is asked to wait.
_FILES_A_SECOND = 2
_BEFORE_AGAIN = timedelta(seconds=2)
# How many of the pauses count while something is away: a case waits for at most four minutes more once the
# fault is mended, and a decoder that doesn't start holds a worker for a minute of each five.
_GROWING_PAUSES = 5


def check_room() -> None:
    """Raises IntakeBusy while too many files wait: each is stored, and a sender hears nothing of it."""
    most = settings.CALLUS_INTAKE["max_waiting_files"]
    # A slice, not a count: the queue of an hour's outage isn't read through for each upload.
    waiting = DecodeJob.objects.filter(state=JobState.QUEUED).order_by(*ORDER)
    if waiting[most : most + 1].exists():
        seconds = max(1, min(60, most // _FILES_A_SECOND))
        raise IntakeBusy(
            _("Too many files wait to be read. Nothing was stored. Send it again."), seconds
        )


def enqueue(case: Case, files: Sequence[IncomingFile]) -> list[DecodeJob]:
    """A job for each file. A file whose bytes came before in this case has its refusal already."""
    first: dict[str, int] = {}
    jobs = []
    for position, file in enumerate(files, start=1):
        job = DecodeJob(
            case=case,
            position=position,
            priority=case.priority,
            file_name=file.name,
            byte_size=file.size,
            sha256=file.sha256,
            original=file.stored,
            side=file.side,
            projection=file.projection,
        )
        other = first.setdefault(file.sha256, position)
        if other != position:
            job.state = JobState.DONE
            job.refusal_code, job.refusal_params = "same_file_twice", {"other": other}
        jobs.append(job)
    return DecodeJob.objects.bulk_create(jobs)


def claim_next() -> DecodeJob | None:
    """The most urgent job that waits, leased to the caller, who works on it inside ``renewing``; or None."""
    waiting = queue.waiting(DecodeJob.objects.all()).order_by(*ORDER)
    return next(iter(queue.claim(waiting)), None)


def is_waiting() -> bool:
    """Whether a worker would find a job now."""
    return queue.waiting(DecodeJob.objects.all()).exists()


def record(job: DecodeJob, decoded: Decoded | FileReason) -> bool:
    """Stores what the decoder said of the file. False if the job isn't this worker's any more."""
    if isinstance(decoded, FileReason):
        said = {"refusal_code": decoded.code, "refusal_params": decoded.params}
    else:
        said = {"answer": decoded.answer, "derived": decoded.derived}
    return queue.finish_claimed(job, **said)


@transaction.atomic
def put_back(job: DecodeJob, error: JobError, detail: str) -> None:
    """Something that isn't the file's fault interrupted the try: it is tried again, without an end."""
    held = queue.lock_claimed([job])
    queue.requeue(held, error, detail, most=_GROWING_PAUSES, endless=True)


@transaction.atomic
def put_back_dangerous(job: DecodeJob, detail: str) -> None:
    """The program that reads pictures was lost while it had the file: tried again while pauses are left."""
    queue.requeue(queue.lock_claimed([job]), JobError.WORKER_LOST, detail)


def decode_again(jobs: Sequence[DecodeJob]) -> list[str]:
    """Queues jobs again that are done. Call it for locked ones. Returns the names of what they had made.

    After a pause: while two versions run side by side, the other one may decode the file once more.
    """
    made = [name for job in jobs for name in job.derived.values() if name]
    DecodeJob.objects.filter(pk__in=[job.pk for job in jobs]).update(
        state=JobState.QUEUED,
        attempts_left=ATTEMPTS,
        answer=None,
        derived={},
        finished_at=None,
        not_before=Now() + _BEFORE_AGAIN,
    )
    return made


@transaction.atomic
def sweep_expired() -> None:
    """Takes back the jobs of workers that never came back."""
    _later(queue.sweep_expired(DecodeJob.objects.all(), error=JobError.WORKER_LOST))


def take_back_lost() -> None:
    """Takes back at once what a process of this worker held that was killed."""
    if queue.lost_here(DecodeJob.objects.all()):  # mostly one query, and no transaction
        with transaction.atomic():
            _later(queue.take_back(DecodeJob.objects.all(), error=JobError.WORKER_LOST))


def _later(swept: queue.Swept) -> None:
    """A job whose tries all lost their worker is tried once more after each pause that is left.

    A machine that is switched off three times isn't the file's fault. Ten times over half an hour, always
    with this file in hands, it is: the bytes are kept even then (decision 0046).
    """
    spent = DecodeJob.objects.filter(pk__in=swept.spent, interruptions__lt=len(queue.PAUSES))
    for job in spent:
        DecodeJob.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED,
            attempts_left=1,
            interruptions=job.interruptions + 1,
            not_before=Now() + timedelta(seconds=queue.PAUSES[job.interruptions]),
            finished_at=None,
            error="",
        )


def unfinished(case_id: UUID) -> bool:
    """Whether a file of the case waits or is being decoded."""
    states = [JobState.QUEUED, JobState.RUNNING]
    return DecodeJob.objects.filter(case_id=case_id, state__in=states).exists()
