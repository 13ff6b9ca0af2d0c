"""Reads the pictures of a batch of jobs and classifies them, outside any transaction."""

import logging
import traceback

from celery.exceptions import SoftTimeLimitExceeded

from classifier.classify import Classifier
from classifier.engines import ran_out_of_memory
from classifier.indications import Indication
from classifier.network_input import PreparedRadiograph
from classifier.radiograph import Radiograph
from classifier.reasons import BY_RELEASE
from triage.inference.described import described
from triage.inference.worker.outcomes import Outcome, requeue_interrupted
from triage.inference.worker.pictures import StorageOutage, read_image
from triage.models import Job
from triage.points import points_in_force
from triage.reasons import JobError

logger = logging.getLogger(__name__)


def classify_jobs(jobs: list[Job], classifier: Classifier) -> list[Outcome]:
    """Reads and classifies a batch. No transaction is open meanwhile.

    Returns:
        An outcome for each job, except those that were queued again after a fault that isn't their picture's.
    """
    outcomes: list[Outcome] = []
    readable: list[tuple[Job, Radiograph | PreparedRadiograph]] = []
    for job in jobs:
        indication = classifier.release.indications.of(described(job.image).subject)
        if indication.is_excluded:
            outcomes.append(Outcome(job, excluded=_excluded(indication)))
            continue
        try:
            readable.append((job, read_image(job, classifier.release.preprocessings)))
        except SoftTimeLimitExceeded:
            raise
        except StorageOutage:
            logger.warning("Job %s: the storage doesn't give its picture", job.pk, exc_info=True)
            requeue_interrupted([job], JobError.NOT_REACHED, traceback.format_exc())
        except MemoryError:
            logger.warning("Job %s: no memory for its picture", job.pk, exc_info=True)
            requeue_interrupted([job], JobError.NO_MEMORY, traceback.format_exc())
        except Exception:
            logger.warning("Job %s: its picture can't be read", job.pk, exc_info=True)
            outcomes.append(Outcome(job, error=JobError.UNREADABLE, detail=traceback.format_exc()))
    if readable:
        outcomes += _classify_readable(readable, classifier)
    return outcomes


def _excluded(indication: Indication) -> str:
    """What is stored: the code, or the text of the release's own table if it isn't ours."""
    return indication.reason if indication.code == BY_RELEASE else indication.code


def _classify_readable(
    readable: list[tuple[Job, Radiograph | PreparedRadiograph]], classifier: Classifier
) -> list[Outcome]:
    # Read once a batch, outside the ``try``: a fault of the database isn't a picture's. Points that a site
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
            requeue_interrupted([job for job, _ in readable], JobError.NO_MEMORY, detail)
            return []
        return [Outcome(job, error=JobError.NOT_CLASSIFIED, detail=detail) for job, _ in readable]
    return [
        Outcome(job, finding, site_points=row)
        for (job, _), finding, row in zip(readable, findings, rows, strict=True)
    ]
