"""Starts again what ends by itself: processes of the site, PostgreSQL and Redis.

Each by itself, so that a broken process takes no other one down. What can't be kept running ends the run,
with a sentence.
"""

import signal
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol

from localservices.problem import Problem

# Seconds before each new start within a minute. The first comes at once: most deaths are an accident. The
# next ones leave time for what has to go first, as a port or a lock file of the former process.
PAUSES = (0, 1, 2, 4, 8)
WITHIN = 60
_INTERVAL = 0.1  # between two looks at everything


class Supervised(Protocol):
    """Something that should run."""

    name: str
    log: Path

    def ended(self) -> str:
        """How it ended, as "was killed by SIGKILL"; "" while it runs."""

    def start(self) -> None:
        """Starts it again. Raises Problem."""


def supervise(services: Iterable[Supervised]) -> NoReturn:
    """Starts again what ends, until Interrupted comes through.

    Raises Problem, with the end of its log, when something has ended more often within a minute than
    ``PAUSES`` allow.
    """
    watched = [_Watched(service) for service in services]
    while True:
        for service in watched:
            service.look()
        time.sleep(_INTERVAL)


def how_it_ended(status: int) -> str:
    """What a process's exit status says; negative is the number of the signal that ended it."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


class _Watched:
    def __init__(self, service: Supervised) -> None:
        self._service = service
        self._ends: list[float] = []  # of the last minute
        self._start_at: float | None = None  # it has ended, and is started again then

    def look(self) -> None:
        if self._start_at is None:
            if how := self._service.ended():
                self._note(how)
        elif time.monotonic() >= self._start_at:
            self._start()

    def _start(self) -> None:
        self._start_at = None
        try:
            self._service.start()
        except Problem:
            self._note(f"could not be started again ({self._service.log} says why)")
        else:
            _say(f"{self._service.name} was started again.")

    def _note(self, how: str) -> None:
        now = time.monotonic()
        self._ends = [end for end in self._ends if now - end < WITHIN]
        if len(self._ends) >= len(PAUSES):
            raise Problem(self._last_words(how))
        pause = PAUSES[len(self._ends)]
        self._ends.append(now)
        self._start_at = now + pause
        when = f"in {pause:g} s" if pause else "at once"
        _say(f"{self._service.name} {how}. It is started again {when}.")

    def _last_words(self, how: str) -> str:
        name, log = self._service.name, self._service.log
        said = (
            f"{name} {how}. It was started again {len(PAUSES)} times within a minute, so everything is "
            f"stopped. The last lines of {log}:"
        )
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join([said, *lines[-12:]])


def _say(text: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)
