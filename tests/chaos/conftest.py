"""Real processes on the test's own database and files, and a Redis that a test may kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts.models import User
from localservices.redis import redis_executable
from tests.factories import make_people, make_site, usable_release
from tests.processes import Process, free_port, processes, wait_until
from triage.models import Release


@pytest.fixture
def start(tmp_path, settings) -> Iterator[Callable[..., Process]]:
    """Starts a process that shares the test's files; everything is ended afterwards."""
    with processes(tmp_path) as starter:

        def start(name: str, *command: str, **environment: str) -> Process:
            return starter(name, *command, **{"VAR_DIR": str(settings.VAR_DIR), **environment})

        yield start


@pytest.fixture
def sender(committed_db) -> User:
    """Somebody who may send cases to the site ``north``."""
    site = make_site("North Clinic", "north")
    return make_people(site, make_site()).clinician


class Redis:
    """A broker of the test's own, always at the same address."""

    def __init__(self, start: Callable[..., Process], folder: Path) -> None:
        self._start, self._folder, self.port = start, folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: Process | None = None

    def start(self) -> None:
        command = (str(redis_executable()), "--port", str(self.port), "--bind", "127.0.0.1")
        self.process = self._start(
            "redis", *command, "--save", "", "--dir", str(self._folder), "--daemonize", "no"
        )
        wait_until(lambda: "eady to accept" in self.process.output, 10, "Redis's start")

    def kill(self) -> None:
        self.process.kill()


@pytest.fixture
def broker(start, tmp_path) -> Redis:
    redis = Redis(start, tmp_path)
    redis.start()
    return redis


@pytest.fixture
def release(committed_db) -> Release:
    """The released model itself."""
    return usable_release()
