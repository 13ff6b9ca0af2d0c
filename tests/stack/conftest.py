"""What the tests of the local services look at: whole process trees, and an environment of their own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from localservices.leftovers import runs
from tests.stack.installation import install

_OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VAR_DIR")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, as people have; pytest's own is too long for a Unix socket. Nobody may stay in it."""
    with tempfile.TemporaryDirectory(prefix="callus-test-") as name:
        path = Path(name).resolve()
        path.chmod(0o711)
        yield path
        strays = processes_of(path)
        for stray in strays:
            with suppress(psutil.Error):
                stray.process.kill()
    assert not strays


@pytest.fixture
def alone(monkeypatch) -> dict[str, str]:
    """The environment of somebody who has no servers: nothing of this test run in it."""
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    return dict(os.environ)


@dataclass(frozen=True)
class Seen:
    """A process as it was when it was looked at; by now it may have ended."""

    process: psutil.Process
    pid: int
    command: list[str]
    environment: dict[str, str]
    place: str


def processes_of(folder: Path) -> list[Seen]:
    """Everything that runs on ``folder``: on its command line, in its environment or in its place."""

    def works_there(seen: Seen) -> bool:
        words = [seen.place, *seen.command, *seen.environment.values()]
        return str(folder) in "\0".join(words)

    return [seen for seen in map(_seen, psutil.process_iter()) if seen and works_there(seen)]


def _seen(process: psutil.Process) -> Seen | None:
    try:
        if process.pid == os.getpid() or not runs(process):
            return None
        return Seen(process, process.pid, process.cmdline(), process.environ(), process.cwd())
    except (psutil.Error, OSError):
        return None


@pytest.fixture(scope="session")
def web_install(tmp_path_factory) -> Path:
    """The programs of an installation of requirements-web.txt alone: without torch and ONNX Runtime."""
    return install("requirements-web.txt", tmp_path_factory.mktemp("web-install"))
