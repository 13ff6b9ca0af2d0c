"""Gives jobs to another release: what an activation, a sweep and a retry do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from triage.models import Job, Release
from triage.models.leased_job import ATTEMPTS
from triage.states import OPEN_STATES, JobState

# How long before an activation a job may have been excluded and still be given to the new release. A worker
# ends a job, then commits: one that does so around the activation is a few seconds early. An hour is
# far beyond any transaction, and few enough rows for every sweep.
OVERLAP = timedelta(hours=1)
ENDED_UNREAD = (JobState.FAILED, JobState.EXCLUDED)


def jobs_of_other_releases(
    release: Release, excluded_since: datetime | None = None
) -> QuerySet[Job]:
    """Jobs on open cases that wait, failed or were excluded, for another release than this one.

    A running job isn't among them: its worker holds it by its attempt. When the worker gives it back, it is
    included. A picture that another release must not be used for may be one that this release is for.

    Args:
        excluded_since: leave out what was excluded longer before. A site's history of excluded pictures
            grows, and a sweep must not read it every five seconds.
    """
    excluded = Q(state=JobState.EXCLUDED)
    if excluded_since is not None:
        excluded &= Q(finished_at__gte=excluded_since - OVERLAP)
    # Ids instead of "not this one": an index on the release finds few rows among many queued ones.
    others = list(Release.objects.exclude(pk=release.pk).values_list("pk", flat=True))
    unread = Q(state__in=(JobState.QUEUED, JobState.FAILED)) | excluded
    return Job.objects.filter(unread, release__in=others, image__case__state__in=OPEN_STATES)


def reassign(release: Release, jobs: QuerySet[Job]) -> tuple[int, set[UUID]]:
    """Queues ``jobs`` for ``release`` with all tries again. If an image has several jobs, one is kept.

    Call inside a transaction that holds the release's row, so that no two do this at once; then
    update the cases that come back.

    1. Lock the jobs, in the order of their ids. What a worker claimed or finished meanwhile is left out.
    2. Keep one job an image: one that the release has already, else the first. Delete the others.
    3. Queue the kept ones, each by the state that it was locked in.

    Args:
        jobs: queued, failed or excluded ones, of any release.

    Returns:
        How many images are queued, and the ids of the cases whose state may be another one now: a job
        had ended, or is gone because the release has read its image already.
    """
    locked = _lock(jobs)
    kept = _one_an_image(release, locked)
    surplus = {job.pk for job in locked} - {job.pk for job in kept}
    Job.objects.filter(pk__in=surplus).delete()
    queued = sum(_queue(release, kept, state) for state in (JobState.QUEUED, *ENDED_UNREAD))
    changed = {
        job.image.case_id for job in locked if job.state in ENDED_UNREAD or job.pk in surplus
    }
    return queued, changed


def _lock(jobs: QuerySet[Job]) -> list[Job]:
    # FOR UPDATE without NO KEY: (image, release) is a unique key, and it changes. Only a prediction
    # references a job, and the worker that writes one holds the job before.
    rows = jobs.select_for_update(of=("self",)).select_related("image").order_by("pk")
    return list(rows.only("state", "release_id", "image__case_id"))


def _one_an_image(release: Release, jobs: Iterable[Job]) -> list[Job]:
    """The job that each image keeps. (image, release) is unique: two can't both be moved there."""
    images = {job.image_id for job in jobs}
    there = Job.objects.filter(release=release, image__in=images).only("state", "image_id")
    kept: dict[UUID, Job] = {job.image_id: job for job in there}
    for job in jobs:
        kept.setdefault(job.image_id, job)
    return list(kept.values())


def _queue(release: Release, jobs: Iterable[Job], state: JobState) -> int:
    """Queues those in ``state`` for ``release``, with fresh tries. Returns how many there were."""
    ids = [job.pk for job in jobs if job.state == state]
    fresh = {
        "release": release,
        "state": JobState.QUEUED,
        "attempts_left": ATTEMPTS,
        "interruptions": 0,
        "not_before": None,
        "error": "",
        "error_detail": "",
        "reason": "",
        "finished_at": None,
    }
    if state == JobState.FAILED:
        fresh["alone"] = True  # what failed once may take its neighbours in a batch with it
    # The state again: a job that the release has already isn't locked, and a worker may have it now.
    Job.objects.filter(pk__in=ids, state=state).update(**fresh)
    return len(ids)
