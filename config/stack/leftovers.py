"""Ends processes that a run started, however deep: every one carries the run's mark in its environment."""

import os
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "CALLUS_STACK"


def mark(folder: Path) -> dict[str, str]:
    """The variable that says whose data a process works on; its children inherit it."""
    return {MARK: str(folder)}


def end_leftovers(folder: Path, patience: float = 5) -> int:
    """Ends what still carries the mark of ``folder`` and returns how many there were.

    Politely first; after ``patience`` seconds by force. The caller must know that nobody works there.
    """
    found = [process for process in psutil.process_iter() if _carries(process, folder)]
    for process in found:
        _tell(process, "terminate")
    _, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        _tell(process, "kill")
    psutil.wait_procs(alive, timeout=patience)
    return len(found)


def _carries(process: psutil.Process, folder: Path) -> bool:
    try:
        marked: bool = process.environ().get(MARK) == str(folder)
        return marked and process.pid != os.getpid()
    except (psutil.Error, OSError):  # gone, or another person's
        return False


def _tell(process: psutil.Process, word: str) -> None:
    with suppress(psutil.Error):
        getattr(process, word)()
