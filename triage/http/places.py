"""At most half of a process's threads read bodies: the others answer, whoever sends slowly."""

import threading
from functools import cache

from django.conf import settings

from triage.http.unreadable import no_place

# Seconds that a request waits for a place. An ordinary upload is read within parts of a second, so that of
# sixteen senders at once all are served; a slow one would hold its place for longer in any case.
PATIENCE = 2


class Place:
    """The right of one request to wait for its body. Leaving it twice does nothing."""

    def __init__(self) -> None:
        self._held = False

    def take(self) -> None:
        """Waits for a place for PATIENCE seconds, unless enough others wait already.

        Raises UnreadableRequest (503) if none became free.
        """
        if not (self.take_if_free() or self._take_soon()):
            raise no_place()

    def take_if_free(self) -> bool:
        """Whether the request has a place now."""
        self._held = self._held or _places().acquire(blocking=False)
        return self._held

    def leave(self) -> None:
        if self._held:
            self._held = False
            _places().release()

    def _take_soon(self) -> bool:
        if not _waiting().acquire(blocking=False):
            return False
        try:
            self._held = _places().acquire(timeout=PATIENCE)
        finally:
            _waiting().release()
        return self._held


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(max(1, settings.CALLUS_WEB_THREADS // 2))


@cache
def _waiting() -> threading.BoundedSemaphore:
    # Half of the threads read, and a quarter wait for decisions. Of the last quarter one thread is left that
    # waits for nothing, so that health is answered at once.
    return threading.BoundedSemaphore(max(1, settings.CALLUS_WEB_THREADS // 4 - 1))
