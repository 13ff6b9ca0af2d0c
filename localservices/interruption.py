"""Ctrl-C, SIGTERM and a closed terminal mean the same: stop what was started, in order, once."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The user or the system stops the program. ``status`` is the exit status that a shell would report."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.status = 128 + number


class _Interruption:
    """The first signal raises Interrupted, at once or when ``undisturbed`` ends."""

    def __init__(self) -> None:
        self.number = 0
        self.held = False

    def note(self, number: int, _: FrameType | None) -> None:
        print("\nStopping …", file=sys.stderr, flush=True)
        if self.number:
            return
        self.number = number
        if not self.held:
            raise Interrupted(number)


_interruption = _Interruption()


def stop_in_order() -> None:
    """From now on the first signal raises Interrupted. Later ones are ignored, so that stopping isn't
    interrupted.
    """
    for number in SIGNALS:
        signal.signal(number, _interruption.note)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Defers an interruption until the outermost block ends, so that every started process is known."""
    before, was_held = _interruption.number, _interruption.held
    _interruption.held = True
    try:
        yield
    finally:
        _interruption.held = was_held
    if not was_held and _interruption.number != before:
        raise Interrupted(_interruption.number)
