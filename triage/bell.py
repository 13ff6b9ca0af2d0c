"""Sends the message that wakes a worker. The work itself is a row: a lost message loses nothing."""

import logging

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

logger = logging.getLogger(__name__)


def send(task: Task) -> bool:
    """One try, never raised: False where the broker can't be reached, and beat rings again."""
    try:
        task.apply_async(retry=False, ignore_result=True)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # kombu raises whatever its transport does
        logger.warning("The broker can't be reached; the sweep will ring again: %s", error)
        return False
    return True
