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


@transaction.atomic
def record(job: DecodeJob, decoded: Decoded | FileReason) -> bool:
    """Stores what the decoder said of the file. False if the job isn't this worker's any more."""
    if not queue.lock_claimed([job]):
        return False
    queue.finish(job)
    if isinstance(decoded, FileReason):
        said = {"refusal_code": decoded.code, "refusal_params": decoded.params}
    else:
        said = {"answer": decoded.answer, "derived": decoded.derived}
    DecodeJob.objects.filter(pk=job.pk).update(**said)
    return True


@transaction.atomic
def fail(job: DecodeJob, error: JobError, detail: str) -> None:
    """A try went wrong here, and not for the file: another one, while there are any left."""
    for held in queue.lock_claimed([job]):
        queue.fail(held, error, detail)


@transaction.atomic
def put_back(job: DecodeJob, error: JobError, detail: str, most: int | None = None) -> None:
    """Something interrupted the try: see ``triage.queue.requeue``."""
    queue.requeue(queue.lock_claimed([job]), error, detail, most)


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


def sweep_expired() -> None:
    """Takes back the jobs of workers that never came back."""
    queue.sweep_expired(DecodeJob.objects.all(), error=JobError.WORKER_LOST)


def take_back_lost() -> None:
    """Takes back at once what a process of this worker held that was killed."""
    queue.take_back(DecodeJob.objects.all(), error=JobError.WORKER_LOST)


def unfinished(case_id: UUID) -> bool:
    """Whether a file of the case waits or is being decoded."""
    states = [JobState.QUEUED, JobState.RUNNING]
    return DecodeJob.objects.filter(case_id=case_id, state__in=states).exists()
