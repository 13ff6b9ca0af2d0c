"""Ctrl-C, SIGTERM and a closed terminal mean the same: stop what was started, in order, once."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The person, or the system, wants everything to stop. ``status`` is what a shell would report."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def stop_in_order() -> None:
    """From now on the first of the signals raises Interrupted; later ones don't cut the stopping short."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(number: int, _: FrameType | None) -> None:
    for each in SIGNALS:
        signal.signal(each, _already)
    raise Interrupted(number)


def _already(_number: int, _: FrameType | None) -> None:
    print("\nStopping already …", flush=True)
