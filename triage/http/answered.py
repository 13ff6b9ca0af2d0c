"""Does something only once an answer was written: whoever didn't get it must not count as informed."""

import socket
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def when_written(request: HttpRequest, response: HttpResponse, act: Callable[[], object]) -> None:
    """Calls ``act`` after all of ``response`` was written to a line whose other end is there.

    Call it when nothing is left to be waited for. A line that breaks silently is only known to the other end:
    a client that can't be sure sends its request again, under its Idempotency-Key.
    """
    if _has_hung_up(request.META.get("gunicorn.socket")):
        return

    def close() -> None:
        # The server closes the response in a ``finally``: while an error of the write is on its way too.
        if sys.exc_info()[0] is None:
            act()

    # Django's own way to do something when the server is done with a response. It hides what this raises.
    response._resource_closers.append(close)  # type: ignore[attr-defined]


def _has_hung_up(line: socket.socket | None) -> bool:
    """Whether the client, or the proxy before it, has closed the line. False where there is no gunicorn."""
    if line is None:
        return False
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:  # nothing more came, and nobody hung up
        return False
    except OSError:
        return True
