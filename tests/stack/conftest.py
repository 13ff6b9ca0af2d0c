"""What the tests of the local stack look at: whole process trees, and an environment of their own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from config.stack.leftovers import runs

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
                stray.kill()
    assert not strays


@pytest.fixture
def alone(monkeypatch) -> dict[str, str]:
    """The environment of somebody who has no servers: nothing of this test run in it."""
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    return dict(os.environ)


def processes_of(folder: Path) -> list[psutil.Process]:
    """Everything that runs on ``folder``: on its command line, in its environment or in its place."""
    return [process for process in psutil.process_iter() if str(folder) in _words(process)]


def _words(process: psutil.Process) -> str:
    try:
        if process.pid == os.getpid() or not runs(process):
            return ""
        return "\0".join([process.cwd(), *process.cmdline(), *process.environ().values()])
    except (psutil.Error, OSError):
        return ""
