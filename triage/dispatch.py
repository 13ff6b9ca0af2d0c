"""Sends Celery tasks by their names, so that who sends a task needn't import what runs it.

Every task only makes a worker look for rows that wait. A lost message loses nothing.
"""

import logging

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded

logger = logging.getLogger(__name__)


def send_task(name: str) -> bool:
    """Sends one message to the queue that ``CELERY_TASK_ROUTES`` names for the task.

    Returns:
        False where the broker can't be reached. That is logged and never raised: the rows are committed,
        and beat's next sweep sends the task again. For the same reason there is one try: a request waits
        for it.
    """
    try:
        current_app.send_task(name, retry=False, ignore_result=True)
    except SoftTimeLimitExceeded:  # of the worker's own task, which must end now
        raise
    except Exception as error:  # kombu raises whatever its transport does
        logger.warning("The broker can't be reached; the sweep sends %s again: %s", name, error)
        return False
    return True
