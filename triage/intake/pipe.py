"""Talks with a child process over its pipes, with a deadline: a child that hangs can't hang the parent."""

import os
import select
import subprocess
import time

_CHUNK = 1024 * 1024


class ChildDiedError(Exception):
    """The pipe ended: the process is gone or on its way."""


class TimeIsUpError(Exception):
    """The deadline passed before the child had read or said all."""


class Pipe:
    """The two pipes of one child. ``deadline`` is on ``time.monotonic``'s clock.

    ``poll`` and non-blocking descriptors instead of reader threads: a grandchild that keeps a
    pipe open can't block a read, and descriptors above 1023 work, which ``select`` refuses.
    """

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101 - for the types
        self._to, self._from = child.stdin.fileno(), child.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    def write(self, data: bytes, deadline: float) -> None:
        """All of ``data``. Raises ChildDiedError or TimeIsUpError."""
        rest = memoryview(data)
        while rest:
            _wait(self._to, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._to, rest[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise ChildDiedError from None

    def read(self, count: int, deadline: float) -> bytes:
        """Exactly ``count`` bytes. Raises ChildDiedError or TimeIsUpError."""
        got = bytearray()
        while len(got) < count:
            _wait(self._from, select.POLLIN, deadline)
            try:
                piece = os.read(self._from, min(count - len(got), _CHUNK))
            except BlockingIOError:
                continue
            if not piece:
                raise ChildDiedError
            got += piece
        return bytes(got)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Returns when the descriptor is ready, or broken: the call that follows finds out which."""
    poller = select.poll()
    poller.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(left * 1000):
        raise TimeIsUpError
