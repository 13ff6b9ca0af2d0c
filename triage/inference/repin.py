"""Brings jobs to another release: what an activation, a sweep and a retry do."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from triage.models import Job, Release
from triage.states import OPEN_STATES, JobState

WAITS_OR_FAILED = (JobState.QUEUED, JobState.FAILED)
# A worker may have ended a job just before an activation and committed it just after. Its transaction is
# of seconds.
OVERLAP = timedelta(hours=1)


def strays(release: Release, excluded_since: datetime | None = None) -> QuerySet[Job]:
    """What waits, failed or was excluded on open cases, for another release than this one.

    A running job isn't among them: its worker holds it by its attempt. Given back, it is one. What another
    release was not for, this one may be for: the table is the release's.

    Args:
        excluded_since: leave out what was excluded longer before. Excluded pictures are no exception, so
            that a site's history of them grows, and a sweep must not read it every few seconds.
    """
    excluded = Q(state=JobState.EXCLUDED)
    if excluded_since is not None:
        excluded &= Q(finished_at__gte=excluded_since - OVERLAP)
    # Ids instead of "not this one": an index on the release finds few rows among many queued ones.
    others = list(Release.objects.exclude(pk=release.pk).values_list("pk", flat=True))
    unread = Job.objects.filter(Q(state__in=WAITS_OR_FAILED) | excluded, release__in=others)
    return unread.filter(image__case__state__in=OPEN_STATES)


def repin(release: Release, jobs: QuerySet[Job]) -> tuple[int, set[UUID]]:
    """Queues ``jobs`` for ``release``, with fresh tries. Of several of one image one is left.

    Call inside a transaction that holds the release's row, so that no two do this at once, and settle
    the cases that come back.

    Args:
        jobs: queued, failed or excluded ones, of any release.

    Returns:
        How many images are queued, and the ids of the cases whose state may be another one now: a job
        had ended, or is gone because the release has read its image already.
    """
    # Not no_key: (image, release) is a key, and it changes. What a worker claimed or finished while
    # this waited for its lock is no longer among the rows.
    locked = jobs.select_for_update(of=("self",)).select_related("image").order_by("pk")
    rows = list(locked.only("state", "release_id", "image__case_id"))
    images = {job.image_id for job in rows}
    there = {
        job.image_id: job
        for job in Job.objects.filter(release=release, image__in=images).only("state", "image_id")
    }
    kept: dict[UUID, Job] = dict(there)
    surplus = set()
    for job in rows:
        if kept.setdefault(job.image_id, job).pk != job.pk:
            surplus.add(job.pk)
    Job.objects.filter(pk__in=surplus).delete()
    queued = {job.pk for job in kept.values() if job.state == JobState.QUEUED}
    failed = {job.pk for job in kept.values() if job.state == JobState.FAILED}
    excluded = {job.pk for job in kept.values() if job.state == JobState.EXCLUDED}
    fresh = {
        "release": release,
        "state": JobState.QUEUED,
        "attempts_left": settings.CALLUS_INFERENCE["max_attempts"],
        "interruptions": 0,
        "not_before": None,
        "error": "",
        "error_detail": "",
        "reason": "",
        "finished_at": None,
    }
    Job.objects.filter(pk__in=queued, state=JobState.QUEUED).update(**fresh)
    Job.objects.filter(pk__in=excluded, state=JobState.EXCLUDED).update(**fresh)
    # What failed once may take its neighbours with it.
    Job.objects.filter(pk__in=failed, state=JobState.FAILED).update(**fresh, alone=True)
    ended = (JobState.FAILED, JobState.EXCLUDED)
    changed = {job.image.case_id for job in rows if job.state in ended or job.pk in surplus}
    return len(queued | failed | excluded), changed
