"""Starts the site's real processes for tests, and ends them whole: each is its own process group."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

REPOSITORY = Path(__file__).resolve().parents[1]
CELERY = (sys.executable, "-m", "celery", "-A", "config.celery")
WEB = (sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application")
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--concurrency", "1")

INTAKE = (*WORKER, "-Q", "intake", "-n", "intake@%h")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true answer of ``condition``, or a failure that says what never came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s.")


class Process:
    """A command in its own group, its output in a file."""

    def __init__(self, folder: Path, name: str, *command: str, **environment: str) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Signals the whole group and waits for its leader."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)
        self.popen.wait(30)

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def processes(folder: Path) -> Iterator[Callable[..., Process]]:
    """A function that starts processes; all of them are ended when the block is left."""
    started: list[Process] = []

    def start(name: str, *command: str, **environment: str) -> Process:
        started.append(Process(folder, name, *command, **environment))
        return started[-1]

    try:
        yield start
    finally:
        for process in reversed(started):
            process.kill()


def answers(url: str) -> bool:
    """Whether ``url`` answers at all, with success."""
    try:
        with urlopen(url, timeout=2) as response:
            return response.status == 200
    except (URLError, OSError):
        return False
