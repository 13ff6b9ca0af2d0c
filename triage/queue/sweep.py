"""Takes back the jobs of workers that never came back."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.queue.holder import is_gone, this_node
from triage.states import JobState

JobT = TypeVar("JobT", bound=LeasedJob)


@dataclass(frozen=True)
class Swept:
    """Ids of jobs that were taken back: ``again`` are queued, ``spent`` have no try left and failed."""

    again: list[UUID]
    spent: list[UUID]


def expired(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    """Those of ``jobs`` whose lease ran out."""
    return jobs.filter(state=JobState.RUNNING, leased_until__lt=Now())


@transaction.atomic
def sweep_expired(jobs: QuerySet[LeasedJob], *, error: str) -> Swept:
    """Takes back those of ``jobs`` whose lease ran out.

    Args:
        jobs: all jobs of a model.
        error: the model's own code for a worker that was lost, for jobs that have no try left.
    """
    return _take_back(jobs, list(_lock(expired(jobs))), error)


def lost_here(jobs: QuerySet[LeasedJob]) -> list[UUID]:
    """Ids of the jobs that dead processes of this very worker held. Nearly always none; nothing is locked."""
    running = jobs.filter(state=JobState.RUNNING, holder__startswith=this_node())
    return [pk for pk, holder in running.values_list("pk", "holder") if is_gone(holder)]


def take_back(jobs: QuerySet[LeasedJob], *, error: str) -> Swept:
    """Takes back what dead processes of this very worker held, before their leases run out.

    Call before work is looked for: a worker that was killed and started again goes on at once.
    A job that was lost so has spent a try and is tried alone, as by the sweep.
    """
    lost = lost_here(jobs)
    if not lost:  # one query, and no transaction: every message begins with it
        return Swept([], [])
    with transaction.atomic():
        # Looked at again under the lock: a sweep may have been faster, and somebody alive has the job now.
        held = jobs.filter(pk__in=lost, holder__startswith=this_node())
        gone = [job for job in _lock(held) if is_gone(job.holder)]
        return _take_back(jobs, gone, error)


def _lock(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    # SKIP LOCKED: a worker that is writing its results at this moment has come back in time.
    locked = jobs.select_for_update(skip_locked=True, no_key=True)
    return locked.filter(state=JobState.RUNNING).order_by("pk")


def _take_back(jobs: QuerySet[LeasedJob], lost: list[LeasedJob], error: str) -> Swept:
    again = [job.pk for job in lost if job.attempts_left > 0]
    spent = [job.pk for job in lost if job.attempts_left == 0]
    jobs.filter(pk__in=again).update(state=JobState.QUEUED, alone=True, leased_until=None)
    jobs.filter(pk__in=spent).update(
        state=JobState.FAILED,
        leased_until=None,
        finished_at=Now(),
        error=error,
        error_detail="",
    )
    return Swept(again, spent)
