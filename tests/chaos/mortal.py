"""A program of the site that kills itself with all its processes, at a step that a test chooses.

``python -m tests.chaos.mortal celery -A config.celery worker …``. A step is an effect on what outlives a
process: a statement or a commit of the database, a change or a sync of a file below VAR_DIR. They are counted
from ``Steps.begin`` on. It dies before the effect that is its step: those before it are done, and no other.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS, DIES_AT = "CALLUS_TEST_STEPS", "CALLUS_TEST_DIES_AT"
# Events of sys.addaudithook → where the path stands among its arguments.
CHANGES = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.remove": 0, "os.rmdir": 0, "open": 0}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """What the test knows of it: a file with a byte for each step."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def dying_at(self, step: int) -> dict[str, str]:
        """Variables of the program's environment. ``step``: from 1; 0 if it shall live."""
        return {STEPS: str(self._file), DIES_AT: str(step)}

    def begin(self) -> None:
        self._file.touch()

    @property
    def number(self) -> int:
        return self._file.stat().st_size


def step() -> None:
    """Counts, and dies if this is the step. Processes of a pool count together."""
    try:
        file = os.open(os.environ[STEPS], os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return  # it hasn't begun
    try:
        os.write(file, b".")
        if os.fstat(file).st_size == int(os.environ[DIES_AT]):
            os.killpg(0, signal.SIGKILL)
    finally:
        os.close(file)


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        step()
        return function(*arguments, **keywords)

    return call


def watch_database() -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    CursorWrapper.execute = counted(CursorWrapper.execute)
    CursorWrapper.executemany = counted(CursorWrapper.executemany)
    BaseDatabaseWrapper._commit = counted(BaseDatabaseWrapper._commit)


def watch_files() -> None:
    below, own = os.environ["VAR_DIR"], os.environ[STEPS]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or (event == "open" and not (arguments[2] or 0) & WRITES):
            return
        path = str(arguments[CHANGES[event]])
        if path.startswith(below) and path != own:
            step()

    sys.addaudithook(hook)
    os.fsync = counted(os.fsync)


if __name__ == "__main__":
    watch_database()
    watch_files()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
