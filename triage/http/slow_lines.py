"""A sender who is slow or silent holds a thread of the server only for a while.

gunicorn bounds how long an answer takes and not how long an application reads. A telephone that loses its
network doesn't close the connection, and a few bytes a second would hold a thread for days.
"""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_PIECE = 64 * 1024  # bytes
_LOOK_EVERY = 0.5  # seconds: how exactly a line is ended


class _Watch:
    """A thread that ends reading from lines whose time is up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[int, tuple[socket.socket, float]] = {}
        self._ended: set[int] = set()
        threading.Thread(target=self._run, name="slow lines", daemon=True).start()

    def begin(self, line: socket.socket, seconds: float) -> int:
        with self._lock:
            self._until[id(line)] = line, time.monotonic() + seconds
        return id(line)

    def end(self, key: int) -> bool:
        """Whether the line was ended. A socket that is shut down says "end", as if its sender had hung up."""
        with self._lock:
            self._until.pop(key, None)
            was_ended = key in self._ended
            self._ended.discard(key)
        return was_ended

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            # The lock is held, so that nobody closes the line meanwhile and its number becomes another's.
            with self._lock:
                now = time.monotonic()
                late = [(key, line) for key, (line, until) in self._until.items() if until < now]
                for key, line in late:
                    del self._until[key]
                    self._ended.add(key)
                    end_reading(line)


def end_reading(line: socket.socket) -> None:
    """Nobody waits any longer for what the sender sends. An answer can still be written."""
    try:
        line.shutdown(socket.SHUT_RD)
    except OSError:  # gone already
        return


@cache
def _watch() -> _Watch:
    return _Watch()  # not at import: a thread doesn't survive a fork


class TooSlow(Exception):
    """The line was ended since its time was up."""


@contextmanager
def within(line: socket.socket | None, seconds: float) -> Iterator[None]:
    """Reading from ``line`` inside the block ends after ``seconds``.

    Raises:
        TooSlow: at the end of the block, or in place of whatever error it raised.
    """
    if line is None:  # no gunicorn
        yield
        return
    key, watch = _watch().begin(line, seconds), _watch()
    try:
        yield
    finally:
        if watch.end(key):
            raise TooSlow


def comes_at_once(
    line: socket.socket | None, stream: Any, length: int, seconds: float = 0
) -> bytes | None:
    """The ``length`` bytes of the body if they come within ``seconds``, else None; fewer at its end.

    What has come stays with ``stream``: gunicorn keeps what it read before there was no more.
    """
    if line is None:
        return stream.read(length)
    before, until = line.gettimeout(), time.monotonic() + seconds
    line.setblocking(False)
    try:
        while True:
            try:
                return stream.read(length)
            except BlockingIOError:
                if (left := until - time.monotonic()) <= 0:
                    return None
                _wait_for_more(line, left)
    finally:
        line.settimeout(before)


def drain(line: socket.socket, pause: float, seconds: float) -> None:
    """Reads and drops what comes, until nothing comes for ``pause`` or ``seconds`` are over.

    Past gunicorn's own reader: nobody may read a request from this line any more.
    """
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until and _wait_for_more(line, pause) and line.recv(_PIECE):
            continue
    except OSError:  # gone
        return


def _wait_for_more(line: socket.socket, seconds: float) -> bool:
    poll = select.poll()  # select.select takes no file number above 1,023
    poll.register(line, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
