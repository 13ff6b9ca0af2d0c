"""Takes back the jobs of workers that never came back."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.states import JobState


@dataclass(frozen=True)
class Swept:
    """Ids of jobs that were taken back: ``again`` are queued, ``spent`` have no try left and failed."""

    again: list[UUID]
    spent: list[UUID]


@transaction.atomic
def sweep_expired(jobs: QuerySet[LeasedJob], *, error: str) -> Swept:
    """Takes back those of ``jobs`` whose lease ran out.

    Args:
        jobs: all jobs of a model.
        error: the model's own code for a worker that was lost, for jobs that have no try left.
    """
    # SKIP LOCKED: a worker that is writing its results at this moment has come back in time.
    expired = list(
        jobs.select_for_update(skip_locked=True, no_key=True)
        .filter(state=JobState.RUNNING, leased_until__lt=Now())
        .order_by("pk")
    )
    again = [job.pk for job in expired if job.attempts_left > 0]
    spent = [job.pk for job in expired if job.attempts_left == 0]
    jobs.filter(pk__in=again).update(state=JobState.QUEUED, alone=True, leased_until=None)
    jobs.filter(pk__in=spent).update(
        state=JobState.FAILED,
        leased_until=None,
        finished_at=Now(),
        error=error,
        error_detail="",
    )
    return Swept(again, spent)
