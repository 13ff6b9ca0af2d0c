"""What an inference worker does when the bell rings: batch after batch until nothing is queued."""

import logging
import time
import traceback
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils.translation import gettext_noop

from accounts.contention import contention, tried_again
from classifier.release import ReleaseError
from triage.inference import queue
from triage.inference.doorbell import ring
from triage.inference.health import beat
from triage.inference.releases import release_folder
from triage.inference.settle import settle_cases
from triage.models import Job, Prediction

if TYPE_CHECKING:
    from classifier.classify import Classifier
    from classifier.finding import Finding
    from classifier.radiograph import Radiograph

logger = logging.getLogger(__name__)

UNREADABLE = gettext_noop("The stored picture could not be read.")
NOT_CLASSIFIED = gettext_noop("The model could not read this picture.")


class ModelOutage(Exception):
    """The release can't be loaded: no picture's fault, so it spends no picture's tries."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a finding, or why not."""

    job: Job
    finding: "Finding | None" = None
    error: str = ""
    detail: str = ""


def work_until_empty() -> int:
    """Classifies queued jobs until there are none. Returns how many got an outcome.

    A long queue is cut into several messages, so that no task comes near its time limit.
    """
    done = 0
    stop_at = time.monotonic() + settings.CALLUS_INFERENCE["seconds_per_message"]
    while jobs := queue.claim_jobs():
        try:
            outcomes = classify_jobs(jobs)
        except ModelOutage:
            logger.exception("The release can't be loaded; its jobs wait for the next sweep")
            queue.give_back(jobs)
            break
        try:
            done += record_outcomes(outcomes)
        except OperationalError as error:
            if not contention(error):
                raise
            # Others held the same rows through every try. Given back, the jobs needn't wait for
            # their lease to end; the next message reads them again.
            logger.warning("A batch of %d jobs goes back to the queue", len(jobs))
            tried_again(partial(queue.give_back, jobs))
            break
        beat("inference")  # a worker under load lives, however late its heartbeat message
        if time.monotonic() > stop_at:
            ring()
            break
    return done


def classify_jobs(jobs: list[Job]) -> list[Outcome]:
    """Reads and classifies a batch. No transaction is open meanwhile."""
    outcomes: list[Outcome] = []
    readable: list[tuple[Job, Radiograph]] = []
    for job in jobs:
        try:
            readable.append((job, _read(job)))
        except Exception:
            logger.warning("Job %s: its picture can't be read", job.pk, exc_info=True)
            outcomes.append(Outcome(job, error=UNREADABLE, detail=traceback.format_exc()))
    if readable:
        outcomes += _classify_readable(readable)
    return outcomes


def _classify_readable(readable: list[tuple[Job, "Radiograph"]]) -> list[Outcome]:
    try:
        engine = _classifier(release_folder(readable[0][0].release))
    except (ReleaseError, OSError) as error:
        raise ModelOutage from error
    try:
        findings = engine.classify([radiograph for _, radiograph in readable])
    except Exception:
        logger.exception("A batch of %d jobs could not be classified", len(readable))
        detail = traceback.format_exc()
        return [Outcome(job, error=NOT_CLASSIFIED, detail=detail) for job, _ in readable]
    return [Outcome(job, finding) for (job, _), finding in zip(readable, findings, strict=True)]


def _read(job: Job) -> "Radiograph":
    """The image's rendition, our own lossless PNG, so that no foreign bytes reach this process; and
    what the header said of it, which the release heeds.
    """
    from classifier.radiograph import radiograph_of_rendition

    with job.image.rendition.open("rb") as file:
        radiograph = radiograph_of_rendition(file.read())
    tags: dict[str, str | int | None] = {"body_part": job.image.body_part_examined}
    return replace(radiograph, modality=job.image.modality, tags=tags)


@lru_cache(maxsize=2)
def _classifier(folder: Path) -> "Classifier":
    """Loads lazily, in the worker's child: a fork after the engine started its threads can hang."""
    from classifier.classify import Classifier

    return Classifier(folder, threads=settings.CALLUS_INFERENCE["threads"])


def record_outcomes(outcomes: list[Outcome]) -> int:
    """Writes what the batch gave, for those jobs that are still ours. Returns how many those were.

    A deadlock or lock time-out is tried again; one that stays is raised, and nothing was written.
    """
    return tried_again(partial(_record, outcomes))


@transaction.atomic
def _record(outcomes: list[Outcome]) -> int:
    by_job = {outcome.job.pk: outcome for outcome in outcomes}
    held = queue.held([outcome.job for outcome in outcomes])
    for job in held:
        outcome = by_job[job.pk]
        if outcome.finding is not None:
            _prediction(job, outcome.finding).save(force_insert=True)
            queue.finish(job)
        else:
            queue.fail(job, outcome.error, outcome.detail)
    settle_cases(job.image.case_id for job in held)
    return len(held)


def _prediction(job: Job, finding: "Finding") -> Prediction:
    return Prediction(
        job=job,
        image_id=job.image_id,
        release_id=job.release_id,
        assessable=finding.assessable,
        reason=finding.reason or "",
        fracture_probability=finding.fracture_probability,
        call=finding.call or "",
        probabilities=finding.probabilities,
        scores=finding.scores,
        top_class=finding.top_class,
        confidence=finding.confidence,
        rival_class=finding.rival_class,
        prediction_set=list(finding.prediction_set),
        activation_map=finding.activation_map.round(4).tolist(),
        rival_activation_map=finding.rival_activation_map.round(4).tolist(),
        milliseconds=finding.milliseconds,
    )
