"""One row at which something fails stops no other: for sweeps, and for workers that go from row to row."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded

from accounts.contention import contention, is_away

logger = logging.getLogger(__name__)


@contextmanager
def apart(what: str) -> Iterator[None]:
    """An error inside the block is logged and goes no further: the caller does the next row.

    The block is tried again by the next sweep, so it holds a whole transaction, or none. A database that is
    away is raised, since the next row would meet it too, and so is the time limit of a task.

    Args:
        what: for the log, such as "case 0190…": an id, never a name or a text of a patient.
    """
    try:
        yield
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        if is_away(error):
            raise
        if state := contention(error):
            logger.warning("%s met other transactions (%s); it is tried again", what, state)
        else:
            logger.exception("%s failed; it is tried again, and the others go on", what)
