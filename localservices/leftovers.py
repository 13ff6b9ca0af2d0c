"""Ends processes that a run started, however deep: every one carries the run's mark in its environment."""

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "CALLUS_STACK"


def mark(folder: Path) -> dict[str, str]:
    """The variable that says whose data a process works on; its children inherit it."""
    return {MARK: str(folder)}


def end_leftovers(folder: Path) -> int:
    """Ends what still carries the mark of ``folder`` and returns how many there were.

    The caller must know that nobody works there.
    """
    found = [process for process in psutil.process_iter() if _carries(process, folder)]
    end(found)
    return len(found)


def end(processes: list[psutil.Process], patience: float = 5) -> None:
    """Politely first; after ``patience`` seconds by force."""
    for word in ("terminate", "kill"):
        for process in processes:
            with suppress(psutil.Error):
                getattr(process, word)()
        deadline = time.monotonic() + patience
        while any(map(runs, processes)) and time.monotonic() < deadline:
            time.sleep(0.05)


def runs(process: psutil.Process) -> bool:
    """Whether it still does. A dead one that nobody has reaped, as in a container without init, doesn't."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _carries(process: psutil.Process, folder: Path) -> bool:
    try:
        marked: bool = process.environ().get(MARK) == str(folder)
        return marked and process.pid != os.getpid()
    except (psutil.Error, OSError):  # gone, or another person's
        return False
