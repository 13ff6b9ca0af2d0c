"""Takes jobs from the queue: most urgent first, under a lease."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.queue.holder import this_holder
from triage.queue.lease import LEASE
from triage.states import JobState

JobT = TypeVar("JobT", bound=LeasedJob)
_BY_THE_CLOCK = ("started_at", "leased_until")  # of the database, which alone knows them


def waiting(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    """Those of ``jobs`` that a worker could take now: queued, and none that pauses."""
    return jobs.filter(Q(not_before=None) | Q(not_before__lte=Now()), state=JobState.QUEUED)


@transaction.atomic
def claim(queued: QuerySet[JobT], *, most: int = 1, alike: Sequence[str] = ()) -> list[JobT]:
    """Leases the next batch to the caller, who works on it inside ``renewing``.

    1. Lock the first jobs that no other worker is claiming at this moment.
    2. Keep the first one and, unless it is marked ``alone``, those that are like it and aren't marked so. A
       job is tried alone after a try that went wrong, so that a picture that kills its worker takes no
       neighbours with it.
    3. Mark them as running, with a lease, a try spent, and the next attempt number. The number is the
       fence: a worker that comes back after its lease finds another one and may write nothing.

    The try is spent before the work: a worker that is killed can't spend it afterwards.

    Args:
        queued: of ``waiting``, in the order of the queue, with what the caller wants to be fetched with each.
        most: jobs of a batch.
        alike: fields (as ``release_id``) that all jobs of a batch share.

    Returns:
        Running jobs in the order of the queue; empty where nothing is queued.
    """
    batch = _lock_batch(queued, most, alike)
    if not batch:
        return []
    holder = this_holder()
    queued.model._default_manager.filter(pk__in=[job.pk for job in batch]).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        attempts_left=F("attempts_left") - 1,
        started_at=Now(),
        leased_until=Now() + LEASE,
        holder=holder,
    )
    for job in batch:
        # As the rows are now, without reading them again: the lock says that nobody else has changed them.
        job.state, job.holder = JobState.RUNNING, holder
        job.attempt, job.attempts_left = job.attempt + 1, job.attempts_left - 1
        for name in _BY_THE_CLOCK:
            job.__dict__.pop(name, None)  # deferred: Django reads it if somebody asks
    return batch


def _lock_batch(queued: QuerySet[JobT], most: int, alike: Sequence[str]) -> list[JobT]:
    # SKIP LOCKED: workers that claim at the same moment get different jobs and don't wait for each other.
    # FOR NO KEY UPDATE, as everywhere: a plain FOR UPDATE waits for whoever writes a row that references it.
    # One query: what is locked and not kept is free again in a moment, when this transaction ends.
    free = list(queued.select_for_update(skip_locked=True, no_key=True, of=("self",))[:most])
    if not free or free[0].alone:
        return free[:1]
    first = free[0]
    return [
        job
        for job in free
        if not job.alone and all(getattr(job, name) == getattr(first, name) for name in alike)
    ]
