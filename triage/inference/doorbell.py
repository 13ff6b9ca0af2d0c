"""Tells the workers that there is work. Losing the message loses nothing: the sweep rings again."""

import logging

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

logger = logging.getLogger(__name__)


def ring_after_commit() -> None:
    """Rings once the present transaction is committed. A dead broker is logged, never raised."""
    transaction.on_commit(ring, robust=True)


def ring_check_after_commit() -> None:
    """As ``ring_after_commit``, for a release that waits to be checked."""
    transaction.on_commit(ring_check, robust=True)


def ring() -> bool:
    """Sends one message: pictures wait. False where the broker can't be reached."""
    from triage.inference.tasks import classify_queued

    return _send(classify_queued)


def ring_check() -> bool:
    """Sends one message: a release waits to be checked. False where the broker can't be reached."""
    from triage.inference.tasks import check_release

    return _send(check_release)


def _send(task: Task) -> bool:
    try:
        task.apply_async(retry=False, ignore_result=True)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # kombu raises whatever its transport does
        logger.warning("The broker can't be reached; the sweep will ring again: %s", error)
        return False
    return True
