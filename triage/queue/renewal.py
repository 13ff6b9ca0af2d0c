"""Renews the leases of claimed jobs while a worker works on them."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from triage.models.leased_job import LeasedJob
from triage.queue.lease import LEASE, RENEWED_EVERY
from triage.queue.outcome import lock_claimed

logger = logging.getLogger(__name__)


@contextmanager
def renewing(jobs: Sequence[LeasedJob]) -> Iterator[None]:
    """Renews the caller's jobs by a thread until the block ends.

    A thread, since the work may be one long call: a forward pass, a read from a storage. Work that hangs is
    ended by the time limit of its task. A thread that finds a job lost leaves it alone; the work's result is
    dropped then, because ``lock_claimed`` doesn't return the job.
    """
    ended = Event()
    thread = Thread(target=_renew_until, args=(ended, jobs), name="lease renewal", daemon=True)
    try:
        thread.start()
        yield
    finally:
        ended.set()
        # One period: a database that hangs must hold the thread alone. It then ends by itself.
        thread.join(RENEWED_EVERY.total_seconds())


@transaction.atomic
def renew(jobs: Sequence[LeasedJob]) -> int:
    """Renews those of ``jobs`` (of one model) that are still the caller's. Returns how many those are."""
    held = lock_claimed(jobs)
    if held:
        rows = type(held[0])._default_manager.filter(pk__in=[job.pk for job in held])
        rows.update(leased_until=Now() + LEASE)
    return len(held)


def _renew_until(ended: Event, jobs: Sequence[LeasedJob]) -> None:
    # Most work is over before the first renewal. Then the thread makes no connection, which takes longer to
    # set up than the thread itself, even where it is never opened.
    if ended.wait(RENEWED_EVERY.total_seconds()):
        return
    try:
        _try_to_renew(jobs)
        while not ended.wait(RENEWED_EVERY.total_seconds()):
            _try_to_renew(jobs)
    finally:
        connection.close()  # the thread's own


def _try_to_renew(jobs: Sequence[LeasedJob]) -> None:
    try:
        renew(jobs)
    except (OperationalError, InterfaceError):
        # The next renewal comes in time, on a new connection.
        logger.warning("The leases of %d jobs could not be renewed", len(jobs), exc_info=True)
        connection.close()
