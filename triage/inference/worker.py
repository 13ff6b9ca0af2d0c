"""What an inference worker does when the bell rings: batch after batch until nothing is queued."""

import logging
import time
import traceback
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_noop

from accounts.contention import contention, tried_again
from triage.inference import queue
from triage.inference.checks import doubt
from triage.inference.described import described
from triage.inference.doorbell import ring
from triage.inference.health import beat
from triage.inference.loading import loaded
from triage.inference.settle import settle_cases
from triage.inference.trial import why
from triage.models import Job, Prediction, Release, SitePoints
from triage.points import points_in_force

if TYPE_CHECKING:
    import numpy as np

    from classifier.classify import Classifier
    from classifier.finding import Finding
    from classifier.radiograph import Radiograph

logger = logging.getLogger(__name__)

UNREADABLE = gettext_noop("The stored picture could not be read.")
NOT_CLASSIFIED = gettext_noop("The model could not read this picture.")
TOO_SLOW = gettext_noop("The model took too long over this picture.")
NO_MEMORY = gettext_noop("The worker had too little memory for this picture.")
NOT_REACHED = gettext_noop("The stored picture could not be reached.")
NOT_STORED = gettext_noop("What the model said could not be stored.")
SLOW_TRIES = 3  # each blocks a worker up to its time limit


class StorageOutage(Exception):
    """The file storage didn't give a picture's bytes: not the picture's fault as far as we know."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job: a finding, why the release is not for its picture, or what went wrong.

    ``site_points``: the row that the finding's points come from, where they are the site's own.
    """

    job: Job
    finding: "Finding | None" = None
    excluded: str = ""
    error: str = ""
    detail: str = ""
    site_points: SitePoints | None = None


def work_until_empty() -> int:
    """Classifies queued jobs until there are none. Returns how many got an outcome.

    A long queue is cut into several messages, so that no task comes near its time limit.
    """
    done = 0
    stop_at = time.monotonic() + settings.CALLUS_INFERENCE["seconds_per_message"]
    while release := queue.next_release():
        classifier = _ready(release)
        if classifier is None:
            continue  # its jobs wait for a check now, and the next release's turn has come
        jobs = queue.claim_jobs(release)
        if not jobs:
            break  # other workers hold them; the sweep rings if something is left
        done += _work(jobs, classifier)
        beat("inference")  # a worker under load lives, however late its heartbeat message
        if time.monotonic() > stop_at:
            ring()
            break
    return done


def _ready(release: Release) -> "Classifier | None":
    """The release's classifier; None where it can't be loaded, which puts the release in doubt."""
    try:
        return loaded(release)
    except Error:  # the database's, not the release's
        raise
    except Exception as error:
        logger.exception("Release %s can't be loaded; its jobs wait for its check", release)
        doubt(release, why(error))
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return None


def _work(jobs: list[Job], classifier: "Classifier") -> int:
    """One batch. Whatever interrupts it, its jobs are queued again, and no try is spent."""
    try:
        return record_outcomes(classify_jobs(jobs, classifier))
    except SoftTimeLimitExceeded:
        interrupt(jobs, TOO_SLOW, traceback.format_exc(), most=SLOW_TRIES)
        raise
    except (OperationalError, InterfaceError) as error:
        # Given back, the jobs needn't wait for their lease to end; the next message reads them again.
        logger.warning("A batch of %d jobs goes back to the queue", len(jobs))
        tried_again(partial(interrupt, jobs, NOT_STORED, traceback.format_exc()))
        if contention(error):
            return 0
        raise
    except Exception:
        # The finding itself can't be stored: tried again alone, and it spends tries.
        logger.exception("A batch of %d jobs could not be stored", len(jobs))
        detail = traceback.format_exc()
        return record_outcomes([Outcome(job, error=NOT_CLASSIFIED, detail=detail) for job in jobs])
    except BaseException:  # SystemExit: the worker is told to stop
        queue.give_back(jobs)
        raise


@transaction.atomic
def interrupt(jobs: list[Job], error: str, detail: str, most: int | None = None) -> None:
    """Queues jobs again after a fault that is no picture's own; see ``queue.put_back``."""
    failed = queue.put_back(queue.held(jobs), error, detail, most)
    settle_cases(job.image.case_id for job in failed)


def classify_jobs(jobs: list[Job], classifier: "Classifier") -> list[Outcome]:
    """Reads and classifies a batch. No transaction is open meanwhile.

    Returns:
        An outcome for each job but those that were put back, since their pictures are not to blame.
    """
    outcomes: list[Outcome] = []
    readable: list[tuple[Job, Radiograph]] = []
    for job in jobs:
        indication = classifier.release.indications.of(described(job.image).subject)
        if indication.is_excluded:
            outcomes.append(Outcome(job, excluded=indication.reason))
            continue
        try:
            readable.append((job, _read(job)))
        except SoftTimeLimitExceeded:
            raise
        except StorageOutage:
            logger.warning("Job %s: the storage doesn't give its picture", job.pk, exc_info=True)
            interrupt([job], NOT_REACHED, traceback.format_exc())
        except MemoryError:
            logger.warning("Job %s: no memory for its picture", job.pk, exc_info=True)
            interrupt([job], NO_MEMORY, traceback.format_exc())
        except Exception:
            logger.warning("Job %s: its picture can't be read", job.pk, exc_info=True)
            outcomes.append(Outcome(job, error=UNREADABLE, detail=traceback.format_exc()))
    if readable:
        outcomes += _classify_readable(readable, classifier)
    return outcomes


def _classify_readable(
    readable: list[tuple[Job, "Radiograph"]], classifier: "Classifier"
) -> list[Outcome]:
    # Read once a batch, outside the ``try``: a fault of the database is no picture's. Points that a site
    # changes meanwhile count from the next batch on; each prediction keeps those that it was made with.
    own = points_in_force(readable[0][0].release_id, {job.image.site_id for job, _ in readable})
    rows = [own.get(job.image.site_id) for job, _ in readable]
    try:
        findings = classifier.classify(
            [radiograph for _, radiograph in readable],
            points=[row.points if row else None for row in rows],
        )
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        logger.exception("A batch of %d jobs could not be classified", len(readable))
        detail = traceback.format_exc()
        if ran_out_of_memory(error):
            interrupt([job for job, _ in readable], NO_MEMORY, detail)
            return []
        return [Outcome(job, error=NOT_CLASSIFIED, detail=detail) for job, _ in readable]
    return [
        Outcome(job, finding, site_points=row)
        for (job, _), finding, row in zip(readable, findings, rows, strict=True)
    ]


def ran_out_of_memory(error: Exception) -> bool:
    """ONNX Runtime says so by a RuntimeError of its own, in words."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error)


def _read(job: Job) -> "Radiograph":
    """The image's rendition, our own lossless PNG, so that no foreign bytes reach this process; and
    what sender and header say of it, by which the release knows whether it is for such pictures.

    Raises:
        StorageOutage: the storage doesn't give the bytes, for whatever reason.
        RefusedFile: the bytes are no whole picture.
    """
    from classifier.radiograph import radiograph_of_rendition

    try:
        with job.image.rendition.open("rb") as file:
            data = file.read()
    except (SoftTimeLimitExceeded, MemoryError):
        raise
    except Exception as error:  # each storage has errors of its own
        raise StorageOutage from error
    radiograph = radiograph_of_rendition(data)
    words = described(job.image)
    return replace(radiograph, modality=words.modality, tags=words.tags, sender=words.sender)


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
            _prediction(job, outcome.finding, outcome).save(force_insert=True)
            queue.finish(job)
        elif outcome.excluded:
            queue.exclude(job, outcome.excluded)
        else:
            queue.fail(job, outcome.error, outcome.detail)
    settle_cases(job.image.case_id for job in held)
    return len(held)


def _prediction(job: Job, finding: "Finding", outcome: Outcome) -> Prediction:
    return Prediction(
        job=job,
        image_id=job.image_id,
        release_id=job.release_id,
        assessable=finding.assessable,
        reason=finding.reason or "",
        fracture_probability=finding.fracture_probability,
        call=finding.call or "",
        negative_below=finding.points.negative_below,
        positive_from=finding.points.positive_from,
        site_points=outcome.site_points,
        probabilities=finding.probabilities,
        scores=finding.scores,
        top_class=finding.top_class,
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


def _rows(grid: "np.ndarray") -> list[list[float]]:
    """Three decimals. As float64: 0.123 of a float32 would be stored as 0.12300000339746475."""
    rows: list[list[float]] = grid.astype(float).round(3).tolist()
    return rows
