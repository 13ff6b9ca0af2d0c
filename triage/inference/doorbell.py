"""Tells the workers that there is work. Losing the message loses nothing: the sweep rings again."""

import logging

from django.db import transaction

logger = logging.getLogger(__name__)


def ring_after_commit() -> None:
    """Rings once the present transaction is committed. A dead broker is logged, never raised."""
    transaction.on_commit(ring, robust=True)


def ring() -> bool:
    """Sends one message; False where the broker can't be reached."""
    from triage.inference.tasks import classify_queued

    try:
        classify_queued.apply_async(retry=False, ignore_result=True)
    except Exception as error:  # kombu raises whatever its transport does
        logger.warning("The broker can't be reached; the sweep will ring again: %s", error)
        return False
    return True
