"""Takes jobs from the queue: most urgent first, under a lease."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.queue.holder import this_holder
from triage.queue.lease import LEASE
from triage.states import JobState

JobT = TypeVar("JobT", bound=LeasedJob)


def waiting(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    """Those of ``jobs`` that a worker could take now: queued, and none that pauses."""
    return jobs.filter(Q(not_before=None) | Q(not_before__lte=Now()), state=JobState.QUEUED)


@transaction.atomic
def claim(
    queued: QuerySet[JobT],
    *,
    rows: QuerySet[JobT] | None = None,
    most: int = 1,
    alike: Sequence[str] = (),
) -> list[JobT]:
    """Leases the next batch to the caller, who works on it inside ``renewing``.

    1. Lock the first job that no other worker is claiming at this moment.
    2. Unless it is marked ``alone``, lock the next ones that are like it. A job is tried alone after a
       try that went wrong, so that a picture that kills its worker takes no neighbours with it.
    3. Mark them as running, with a lease, a try spent, and the next attempt number. The number is the
       fence: a worker that comes back after its lease finds another one and may write nothing.

    The try is spent before the work: a worker that is killed can't spend it afterwards.

    Args:
        queued: of ``waiting``, in the order of the queue.
        rows: all jobs, with what the caller wants to be fetched with each; None fetches the jobs alone.
        most: jobs of a batch.
        alike: fields (as ``release_id``) that all jobs of a batch share.

    Returns:
        Running jobs in the order of the queue; empty where nothing is queued.
    """
    batch = _lock_batch(queued, most, alike)
    if not batch:
        return []
    every = queued.model._default_manager.all() if rows is None else rows
    every.filter(pk__in=batch).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        attempts_left=F("attempts_left") - 1,
        started_at=Now(),
        leased_until=Now() + LEASE,
        holder=this_holder(),
    )
    return list(every.filter(pk__in=batch).order_by(*queued.query.order_by))


def _lock_batch(queued: QuerySet[JobT], most: int, alike: Sequence[str]) -> list[UUID]:
    # SKIP LOCKED: workers that claim at the same moment get different jobs and don't wait for each other.
    # FOR NO KEY UPDATE, as everywhere: a plain FOR UPDATE waits for whoever writes a row that references it.
    free = queued.select_for_update(skip_locked=True, no_key=True, of=("self",))
    first = free.first()
    if first is None:
        return []
    batch = [first.pk]
    if most > 1 and not first.alone:
        like_it = {name: getattr(first, name) for name in alike}
        others = free.filter(alone=False, **like_it).exclude(pk=first.pk)[: most - 1]
        batch += [job.pk for job in others]
    return batch
