"""Recognises that PostgreSQL gave up because others hold the same rows, and tries again."""

import logging
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# SQLSTATE → seconds after which another try makes sense. A deadlock or a failed serialization is over when it
# is reported; a lock was held for longer than lock_timeout, and a statement ran into its own limit.
DEADLOCK, NOT_SERIALIZABLE, LOCK_TIMEOUT, CANCELED = "40P01", "40001", "55P03", "57014"
RETRY_AFTER = {DEADLOCK: 1, NOT_SERIALIZABLE: 1, LOCK_TIMEOUT: 5, CANCELED: 10}

_committed: ContextVar[bool] = ContextVar("committed", default=False)


def contention(error: BaseException | None) -> str | None:
    """The SQLSTATE if ``error`` is a deadlock, a lock or statement time-out or a serialization failure.

    The transaction was rolled back, and the same act may succeed a moment later. None for all else.
    """
    if not isinstance(error, OperationalError):
        return None
    state = getattr(error.__cause__, "sqlstate", None)
    return state if state in RETRY_AFTER else None


# The server shuts down, starts, or has no connection left; class 08 says that the connection is gone.
_AWAY = {"57P01", "57P02", "57P03", "53300"}


def is_away(error: BaseException | None) -> bool:
    """Whether the database can't be reached, or went away in the middle of a request."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith("08") or state in _AWAY


def retry_contention(transact: Callable[[], Result], tries: int = 3) -> Result:
    """Calls ``transact``, a whole transaction, up to ``tries`` times while contention ends it.

    Three: the second mostly succeeds. A transaction that fails three times meets a lock that is held on
    purpose, such as a migration's.

    A statement that ran out of time isn't tried again: it would hold its locks as long once more.
    Inside a transaction there is one try, since contention has already lost that transaction.
    """
    for tries_left in range(tries - 1, -1, -1):
        try:
            return transact()
        except OperationalError as error:
            state = contention(error)
            if state in (None, CANCELED) or not tries_left or connection.in_atomic_block:
                raise
            logger.warning("PostgreSQL gave up a transaction (%s); it is tried again", state)
        # A random pause: two transactions that met once would meet again after equal pauses.
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311
    raise AssertionError("A try returns or raises.")


def forget_commits() -> None:
    """Starts the watch for ``has_committed`` anew. Call at the start of a request."""
    _committed.set(False)


def note_commit() -> None:
    """Remembers that the present transaction changed something, once it is committed."""
    transaction.on_commit(lambda: _committed.set(True), robust=True)


def has_committed() -> bool:
    """Whether this request has changed anything for good. Each service that writes says so."""
    return _committed.get()
