"""Tells the workers that there is work. Losing the message loses nothing: the sweep rings again."""

from django.db import transaction

from triage import bell


def ring_after_commit() -> None:
    """Rings once the present transaction is committed. A dead broker is logged, never raised."""
    transaction.on_commit(ring, robust=True)


def ring_check_after_commit() -> None:
    """As ``ring_after_commit``, for a release that waits to be checked."""
    transaction.on_commit(ring_check, robust=True)


def ring() -> bool:
    """Sends one message: pictures wait. False where the broker can't be reached."""
    from triage.inference.tasks import classify_queued

    return bell.send(classify_queued)


def ring_check() -> bool:
    """Sends one message: a release waits to be checked. False where the broker can't be reached."""
    from triage.inference.tasks import check_release

    return bell.send(check_release)
