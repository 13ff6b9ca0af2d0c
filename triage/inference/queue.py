"""The queue of inference: what is its own of the jobs that ``triage.queue`` leases."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now

from triage.models import Image, Job, Release
from triage.models.leased_job import ATTEMPTS
from triage.queue import Swept, claim, expired, lost_here, sweep_expired, take_back
from triage.queue import waiting as waiting_jobs
from triage.reasons import JobError
from triage.states import JobState, ReleaseState

ORDER = ("priority", "queued_at", "pk")  # as the partial index of queued jobs is sorted

# Releases whose jobs this process has met. What a worker reads of them, their folder, never changes; whether
# one may be used is asked each time.
_releases: dict[UUID, Release] = {}
# The columns that a worker reads: a job, its picture and its case have four times as many, and to name and
# convert them all takes longer than the query. Django fetches another one when it is read.
_OF_A_JOB = (
    *("id", "state", "attempt", "attempts_left", "alone", "interruptions", "holder", "release_id"),
    *("image__site_id", "image__rendition", "image__network_input", "image__pixel_aspect_ratio"),
    *("image__height", "image__width", "image__modality", "image__body_part_examined"),
    *("image__view_position", "image__projection"),
    *("image__case__body_part", "image__case__from_header", "image__case__age_band"),
)


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
    first = waiting().order_by(*ORDER).values_list("release_id", flat=True)[:1]
    for release_id in first:
        if release_id not in _releases:
            _releases[release_id] = Release.objects.defer("manifest").get(pk=release_id)
        return _releases[release_id]
    return None


def claim_jobs(release: Release | None = None) -> list[Job]:
    """Leases the next batch to the caller, most urgent first: ``triage.queue.claim``.

    Args:
        release: whose jobs; None is the release of the most urgent job.

    Returns:
        Running jobs of one release, and what is read of their pictures; empty where nothing is queued.
    """
    queued = waiting() if release is None else waiting().filter(release=release)
    return claim(
        queued.select_related("image__case").only(*_OF_A_JOB).order_by(*ORDER),
        most=settings.CALLUS_INFERENCE["batch"],
        alike=["release_id"],
    )


def exclude(job: Job, reason: str) -> None:
    """The job's release is not for its picture: nothing was tried, and nothing failed.

    Call for a job that ``lock_claimed`` returned.
    """
    Job.objects.filter(pk=job.pk).update(
        state=JobState.EXCLUDED,
        leased_until=None,
        finished_at=Now(),
        attempts_left=F("attempts_left") + 1,
        error="",
        error_detail="",
        reason=reason,
    )


def expired_jobs() -> list[UUID]:
    """Ids of the jobs whose lease ran out."""
    return list(expired(Job.objects.all()).values_list("pk", flat=True))


def lost_jobs() -> list[UUID]:
    """Ids of the jobs that dead processes of this worker held."""
    return lost_here(Job.objects.all())


@transaction.atomic
def sweep_job(job_id: UUID) -> list[UUID]:
    """Takes back the job if its lease ran out. Returns the id of its case if it has no try left."""
    job = Job.objects.filter(pk=job_id)
    return _cases_of_spent(sweep_expired(job, error=JobError.WORKER_LOST))


@transaction.atomic
def take_back_job(job_id: UUID) -> list[UUID]:
    """The same for a job that a dead process of this worker held."""
    return _cases_of_spent(take_back(Job.objects.filter(pk=job_id), error=JobError.WORKER_LOST))


def _cases_of_spent(swept: Swept) -> list[UUID]:
    if not swept.spent:
        return []
    cases = Image.objects.filter(jobs__in=swept.spent).values_list("case_id", flat=True)
    return list(cases.distinct())


def waiting() -> models.QuerySet[Job]:
    """Jobs that a worker could take now: those of usable releases that don't pause.

    A release that is set aside or suspended keeps its own jobs waiting, and nobody else's.
    """
    usable = Release.objects.filter(state=ReleaseState.USABLE, check_due_at=None)
    return waiting_jobs(Job.objects.filter(release__in=usable))
