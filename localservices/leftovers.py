"""Ends all processes that a run started, also indirectly: each has the run's mark in its environment."""

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "CALLUS_STACK"


def mark(folder: Path) -> dict[str, str]:
    """The environment variable with the data folder of a process; its children inherit it."""
    return {MARK: str(folder)}


def end_leftovers(folder: Path) -> int:
    """Ends the processes with the mark of ``folder`` and returns their number.

    The caller must know that nobody uses the folder.
    """
    found = marked(str(folder))
    end(found)
    return len(found)


def marked(folder: str, group: int | None = None) -> list[psutil.Process]:
    """The processes with the mark of ``folder``, of one process group or of all; not this one."""
    found = [process for process in psutil.process_iter() if _carries(process, folder)]
    return found if group is None else [process for process in found if _is_in(process, group)]


def end(processes: list[psutil.Process], patience: float = 5) -> None:
    """Sends SIGTERM, and after ``patience`` seconds SIGKILL."""
    for word in ("terminate", "kill"):
        for process in processes:
            with suppress(psutil.Error):
                getattr(process, word)()
        deadline = time.monotonic() + patience
        while any(map(runs, processes)) and time.monotonic() < deadline:
            time.sleep(0.05)


def runs(process: psutil.Process) -> bool:
    """Whether the process still runs. A zombie, as in a container without init, doesn't."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_in(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


def _carries(process: psutil.Process, folder: str) -> bool:
    try:
        is_marked: bool = process.environ().get(MARK) == folder
        return is_marked and process.pid != os.getpid()
    except (psutil.Error, OSError):  # gone, or another person's
        return False
