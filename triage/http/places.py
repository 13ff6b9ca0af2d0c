"""At most half of a process's threads read bodies: the others answer, whoever sends slowly."""

import threading
from functools import cache

from django.conf import settings

from triage.http.unreadable import no_place


class Place:
    """The right of one request to wait for its body. Leaving it twice does nothing."""

    def __init__(self) -> None:
        self._held = False

    def take(self) -> None:
        """Raises UnreadableRequest (503) if all are taken."""
        if not self.take_if_free():
            raise no_place()

    def take_if_free(self) -> bool:
        """Whether the request has a place now."""
        self._held = self._held or _places().acquire(blocking=False)
        return self._held

    def leave(self) -> None:
        if self._held:
            self._held = False
            _places().release()


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(max(1, settings.CALLUS_WEB_THREADS // 2))
