"""Ends a try of claimed jobs: done, failed, or back to the queue."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.states import JobState

JobT = TypeVar("JobT", bound=LeasedJob)

# Seconds before a job is tried again that was interrupted while it was tried alone; then it fails.
# An outage of half an hour costs nobody's case its reading.
PAUSES = (10, 30, 60, 120, 240, 480, 900)


def lock_claimed(jobs: Sequence[JobT]) -> list[JobT]:
    """Locks those of ``jobs`` (of one model) that are still the caller's by their attempt.

    Call inside a transaction; results may be written only for what comes back. In the order of ids, so
    that this and a sweep that wants the same rows wait for each other and never in a circle.
    """
    if not jobs:
        return []
    attempts = {job.pk: job.attempt for job in jobs}
    rows = type(jobs[0])._default_manager.select_for_update(no_key=True)
    rows = rows.filter(pk__in=attempts, state=JobState.RUNNING).order_by("pk")
    # The numbers alone: a row can hold what a decoder said of a file.
    held = {pk for pk, attempt in rows.values_list("pk", "attempt") if attempt == attempts[pk]}
    return [job for job in jobs if job.pk in held]


def finish(jobs: Sequence[LeasedJob]) -> None:
    """The jobs are done. Call for jobs of one model that ``lock_claimed`` returned."""
    if jobs:
        rows = type(jobs[0])._default_manager.filter(pk__in=[job.pk for job in jobs])
        rows.update(**_ended(JobState.DONE, "", ""))


def finish_claimed(job: LeasedJob, **values: Any) -> bool:
    """The job is done, with these columns. False if it isn't the caller's by its attempt any more.

    One statement, with the fence in its condition: it locks the row, and a sweep that wants it too comes
    before or after.
    """
    mine = _row(job).filter(state=JobState.RUNNING, attempt=job.attempt)
    return bool(mine.update(**_ended(JobState.DONE, "", ""), **values))


def fail(job: LeasedJob, error: str, detail: str) -> None:
    """A try went wrong: queues the job alone while it has tries left, otherwise it has failed.

    Call for a job that ``lock_claimed`` returned.

    Args:
        error: a code of the model's own, never "".
        detail: for operators.
    """
    if job.attempts_left > 0:
        _row(job).update(state=JobState.QUEUED, alone=True, leased_until=None, error_detail=detail)
    else:
        _end(job, JobState.FAILED, error, detail)


@transaction.atomic
def give_back(jobs: Sequence[LeasedJob]) -> None:
    """Queues the caller's jobs again as they were, their try unspent."""
    if held := lock_claimed(jobs):
        rows = type(held[0])._default_manager.filter(pk__in=[job.pk for job in held])
        rows.update(state=JobState.QUEUED, leased_until=None, attempts_left=F("attempts_left") + 1)


def requeue(
    jobs: Sequence[JobT],
    error: str,
    detail: str,
    most: int | None = None,
    *,
    endless: bool = False,
) -> list[JobT]:
    """Queues jobs again after a fault that isn't a picture's own. Their try is not spent.

    Call for jobs that ``lock_claimed`` returned. From now on each is tried alone. One that was
    alone when it was interrupted may still be the cause: it waits longer each time, and after
    ``most`` interruptions it fails. If ``endless``, it never fails, and its pauses grow no more from then on.

    Returns:
        Those that failed.
    """
    lone = len(jobs) == 1 and jobs[0].alone
    longest = min(most or len(PAUSES), len(PAUSES))
    failed = []
    for job in jobs:
        count = job.interruptions + lone
        if endless:
            count = min(count, longest)
        if count > longest:
            _end(job, JobState.FAILED, error, detail)
            failed.append(job)
            continue
        pause = timedelta(seconds=PAUSES[count - 1] if lone else 0)
        _row(job).update(
            state=JobState.QUEUED,
            alone=True,
            leased_until=None,
            attempts_left=F("attempts_left") + 1,
            interruptions=count,
            not_before=Now() + pause,
            error_detail=detail,
        )
    return failed


def _end(job: LeasedJob, state: JobState, error: str, detail: str) -> None:
    _row(job).update(**_ended(state, error, detail))


def _ended(state: JobState, error: str, detail: str) -> dict[str, Any]:
    return {
        "state": state,
        "leased_until": None,
        "finished_at": Now(),
        "error": error,
        "error_detail": detail,
    }


def _row(job: LeasedJob) -> QuerySet[LeasedJob]:
    return type(job)._default_manager.filter(pk=job.pk)
