"""Makes inference workers look for work: queued jobs, or a release that waits for its check."""

from django.db import transaction

from triage.dispatch import send_task

# The tasks' names and not the tasks: their module imports what runs a model, which a web process lacks.
CLASSIFY_QUEUED = "triage.inference.worker.tasks.classify_queued"
CHECK_RELEASE = "triage.inference.worker.tasks.check_release"


def send_classify_queued_on_commit() -> None:
    """Sends the task once the present transaction is committed. A dead broker is logged, never raised."""
    transaction.on_commit(send_classify_queued, robust=True)


def send_check_release_on_commit() -> None:
    """As ``send_classify_queued_on_commit``, for a release that waits for its check."""
    transaction.on_commit(send_check_release, robust=True)


def send_classify_queued() -> bool:
    """Jobs are queued. Returns False where the broker can't be reached."""
    return send_task(CLASSIFY_QUEUED)


def send_check_release() -> bool:
    """A release waits for its check. Returns False where the broker can't be reached."""
    return send_task(CHECK_RELEASE)
