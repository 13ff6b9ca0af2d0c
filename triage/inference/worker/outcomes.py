"""Records the outcome of a batch's jobs: predictions, failures, and jobs that go back to the queue."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from django.db import transaction

from accounts.contention import retry_contention
from classifier.finding import Finding
from triage import queue
from triage.inference.case_update import update_cases
from triage.inference.queue import exclude
from triage.models import Job, Prediction, SitePoints
from triage.reasons import JobError


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a finding, why the release is not for its picture, or what went wrong.

    ``site_points``: the row that the finding's points come from, where they are the site's own.
    """

    job: Job
    finding: Finding | None = None
    excluded: str = ""
    error: JobError | None = None
    detail: str = ""
    site_points: SitePoints | None = None


def record_outcomes(outcomes: list[Outcome]) -> int:
    """Records the outcomes of the jobs that are still this worker's. Returns how many those are.

    In one transaction, in the order of all locks: jobs, then predictions, then their cases. A deadlock or
    lock time-out is tried again; one that stays is raised, and nothing was written.
    """
    return retry_contention(partial(_record, outcomes))


@transaction.atomic
def _record(outcomes: list[Outcome]) -> int:
    by_job = {outcome.job.pk: outcome for outcome in outcomes}
    held = queue.lock_claimed([outcome.job for outcome in outcomes])
    read: dict[Job, Prediction] = {}
    for job in held:
        outcome = by_job[job.pk]
        if outcome.finding is not None:
            read[job] = _prediction(job, outcome.finding, outcome.site_points)
        elif outcome.excluded:
            exclude(job, outcome.excluded)
        else:
            queue.fail(job, outcome.error or JobError.NOT_CLASSIFIED, outcome.detail)
    Prediction.objects.bulk_create(read.values())
    queue.finish(list(read))
    update_cases(job.image.case_id for job in held)
    return len(held)


def _prediction(job: Job, finding: Finding, site_points: SitePoints | None) -> Prediction:
    return Prediction(
        job=job,
        image_id=job.image_id,
        release_id=job.release_id,
        assessable=finding.assessable,
        reason=finding.reason_code or "",
        fracture_probability=finding.fracture_probability,
        call=finding.call or "",
        negative_below=finding.points.negative_below,
        positive_from=finding.points.positive_from,
        site_points=site_points,
        probabilities=finding.probabilities,
        scores=finding.scores,
        predicted_class=finding.top_class,
        confidence=finding.confidence,
        rival_class=finding.rival_class,
        prediction_set=list(finding.prediction_set),
        activation_map=_rows(finding.activation_map),
        rival_activation_map=_rows(finding.rival_activation_map),
        boxes=None if finding.boxes is None else [asdict(box) for box in finding.boxes],
        focus=None if finding.focus is None else asdict(finding.focus),
        fracture_map=None if finding.fracture_map is None else _rows(finding.fracture_map),
        indication=finding.indication.state,
        not_measured_for=list(finding.indication.not_measured_for),
        milliseconds=finding.milliseconds,
    )


def _rows(grid: np.ndarray) -> list[list[float]]:
    """Three decimals. As float64: 0.123 of a float32 would be stored as 0.12300000339746475."""
    rows: list[list[float]] = grid.astype(float).round(3).tolist()
    return rows


@transaction.atomic
def requeue_interrupted(
    jobs: Sequence[Job], error: JobError, detail: str, most: int | None = None
) -> None:
    """Queues jobs again after a fault that isn't a picture's own; see ``queue.requeue``."""
    failed = queue.requeue(queue.lock_claimed(jobs), error, detail, most)
    update_cases(job.image.case_id for job in failed)
