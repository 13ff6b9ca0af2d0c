"""The queue itself: claim, finish, fail, give back, sweep. Rows and leases on the database's clock."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from triage.models import Image, Job, Release
from triage.models.job import ATTEMPTS
from triage.reasons import JobError
from triage.states import JobState, ReleaseState

ORDER = ("priority", "queued_at", "pk")  # as the partial index of queued jobs is sorted
# Seconds before a job is read again that was interrupted while it was read alone; then it fails.
# An outage of half an hour costs nobody's case its reading.
PAUSES = (10, 30, 60, 120, 240, 480, 900)


def enqueue(images: Sequence[Image], release: Release, priority: int) -> list[Job]:
    """Adds one job an image. An image that the release has already read gets none."""
    # In the order of ids: an insert waits for another one of the same (image, release) to commit, so
    # two that add the same jobs in different orders would wait for each other.
    jobs = [
        Job(
            image=image,
            release=release,
            priority=priority,
            attempts_left=ATTEMPTS,
        )
        for image in sorted(images, key=lambda image: image.pk)
    ]
    return Job.objects.bulk_create(jobs, ignore_conflicts=True)


def next_release() -> Release | None:
    """The release of the next job. Load it before its jobs are claimed: an error while loading isn't a
    picture's fault and must not spend its tries.
    """
    job = waiting().only("release_id").order_by(*ORDER).first()
    return job.release if job else None


@transaction.atomic
def claim_jobs(release: Release | None = None) -> list[Job]:
    """Leases the next batch to the caller, most urgent first.

    1. Lock the most urgent job that no other worker is claiming at this moment.
    2. Unless it is marked ``alone``, lock the next ones of the same release. A job is read alone after a
       try that went wrong, so that a picture that kills its worker takes no neighbours with it.
    3. Mark them as running, with a lease, a try spent, and the next attempt number. The number is the
       fence: a worker that comes back after its lease finds another one and may write nothing.

    The try is spent before the work: a worker that is killed can't spend it afterwards.

    Args:
        release: whose jobs; None is the release of the most urgent job.

    Returns:
        Running jobs with their image and release; empty where nothing is queued.
    """
    queued = (waiting() if release is None else waiting().filter(release=release)).order_by(*ORDER)
    # SKIP LOCKED: workers that claim at the same moment get different jobs and don't wait for each other.
    # FOR NO KEY UPDATE, as everywhere: a plain FOR UPDATE waits for whoever writes a row that references it.
    first = queued.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if first is None:
        return []
    batch = [first.pk]
    if not first.alone:
        others = (
            queued.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(alone=False, release_id=first.release_id)
            .exclude(pk=first.pk)[: settings.CALLUS_INFERENCE["batch"] - 1]
        )
        batch += [job.pk for job in others]
    _start(batch)
    claimed = Job.objects.filter(pk__in=batch).select_related("image__case", "release")
    claimed = claimed.defer("release__manifest")
    return list(claimed.order_by(*ORDER))


def _start(ids: Sequence[UUID]) -> None:
    Job.objects.filter(pk__in=ids).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        attempts_left=F("attempts_left") - 1,
        started_at=Now(),
        leased_until=Now() + timedelta(seconds=settings.CALLUS_INFERENCE["lease_seconds"]),
    )


def lock_claimed(jobs: Sequence[Job]) -> list[Job]:
    """Locks those of ``jobs`` that are still the caller's by their attempt.

    Call inside a transaction; results may be written only for what comes back. In the order of ids, so
    that this and a sweep that wants the same rows wait for each other and never in a circle.
    """
    attempts = {job.pk: job.attempt for job in jobs}
    rows = Job.objects.select_for_update(no_key=True).filter(
        pk__in=attempts, state=JobState.RUNNING
    )
    mine = {row.pk for row in rows.order_by("pk") if row.attempt == attempts[row.pk]}
    return [job for job in jobs if job.pk in mine]


def finish(job: Job) -> None:
    """The job is done. Call for a job that ``lock_claimed`` returned."""
    _end(job, JobState.DONE, None, "")


def exclude(job: Job, reason: str) -> None:
    """The job's release is not for its picture: nothing was tried, and nothing failed. For such jobs."""
    Job.objects.filter(pk=job.pk).update(
        state=JobState.EXCLUDED,
        leased_until=None,
        finished_at=Now(),
        attempts_left=F("attempts_left") + 1,
        error="",
        error_detail="",
        reason=reason,
    )


def fail(job: Job, error: JobError, detail: str) -> None:
    """A try went wrong: queues the job alone while it has tries left, otherwise it has failed."""
    if job.attempts_left > 0:
        Job.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED, alone=True, leased_until=None, error_detail=detail
        )
    else:
        _end(job, JobState.FAILED, error, detail)


@transaction.atomic
def give_back(jobs: Sequence[Job]) -> None:
    """Queues the caller's jobs again as they were, their try unspent."""
    Job.objects.filter(pk__in=[job.pk for job in lock_claimed(jobs)]).update(
        state=JobState.QUEUED, leased_until=None, attempts_left=F("attempts_left") + 1
    )


def requeue(
    jobs: Sequence[Job], error: JobError, detail: str, most: int | None = None
) -> list[Job]:
    """Queues jobs again after a fault that isn't a picture's own. Their try is not spent.

    Call for jobs that ``lock_claimed`` returned. From now on each is read alone. One that was
    alone when it was interrupted may still be the cause: it waits longer each time, and after
    ``most`` interruptions it fails.

    Returns:
        Those that failed.
    """
    lone = len(jobs) == 1 and jobs[0].alone
    failed = []
    for job in jobs:
        count = job.interruptions + lone
        if count > min(most or len(PAUSES), len(PAUSES)):
            _end(job, JobState.FAILED, error, detail)
            failed.append(job)
            continue
        pause = timedelta(seconds=PAUSES[count - 1] if lone else 0)
        Job.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED,
            alone=True,
            leased_until=None,
            attempts_left=F("attempts_left") + 1,
            interruptions=count,
            not_before=Now() + pause,
            error_detail=detail,
        )
    return failed


def _end(job: Job, state: JobState, error: JobError | None, detail: str) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, leased_until=None, finished_at=Now(), error=error or "", error_detail=detail
    )


@transaction.atomic
def sweep_expired() -> tuple[int, list[UUID]]:
    """Takes back the jobs whose lease ran out.

    Returns:
        How many were queued again, and the ids of the cases that now have a job without tries left.
    """
    # SKIP LOCKED: a worker that is writing its results at this moment has come back in time.
    expired = list(
        Job.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(state=JobState.RUNNING, leased_until__lt=Now())
        .order_by("pk")
    )
    again = [job.pk for job in expired if job.attempts_left > 0]
    spent = [job.pk for job in expired if job.attempts_left == 0]
    Job.objects.filter(pk__in=again).update(state=JobState.QUEUED, alone=True, leased_until=None)
    Job.objects.filter(pk__in=spent).update(
        state=JobState.FAILED,
        leased_until=None,
        finished_at=Now(),
        error=JobError.WORKER_LOST,
        error_detail="",
    )
    cases = Image.objects.filter(jobs__in=spent).values_list("case_id", flat=True)
    return len(again), list(cases.distinct())


def waiting() -> models.QuerySet[Job]:
    """Jobs that a worker could take now: those of usable releases that don't pause.

    A release that is set aside or suspended keeps its own jobs waiting, and nobody else's.
    """
    usable = Release.objects.filter(state=ReleaseState.USABLE, check_due_at=None)
    now = Q(not_before=None) | Q(not_before__lte=Now())
    return Job.objects.filter(now, state=JobState.QUEUED, release__in=usable)
