"""What ends is started again, by itself and not for ever."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis

from localservices import supervisor
from localservices.leftovers import mark, runs
from localservices.postgres import address, postgres_server
from localservices.problem import Problem
from localservices.processes import Process
from localservices.redis import redis_server
from localservices.supervisor import supervise
from tests.processes import free_port, wait_until

# Holds the port by a child, as gunicorn does. The child outlives a killed parent.
PARENT = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
if os.fork():
    os.wait()
time.sleep(60)
"""


@pytest.fixture
def start(folder) -> Iterator[Callable[[str, str], Process]]:
    """Starts a command of a Procfile; all of them are ended afterwards."""
    started: list[Process] = []

    def start(name: str, command: str) -> Process:
        environment = {**os.environ, **mark(folder)}
        log = folder / f"{name}.log"
        started.append(Process(name, command, environment, log, lambda _name, _line: None))
        return started[-1]

    yield start
    for process in started:
        process.popen.kill()
        process.popen.wait()
        process.ended()  # ends its children too


def output(process: Process) -> str:
    return process.log.read_text() if process.log.exists() else ""


class Ended(Exception):
    """The test is over."""


class Switch:
    """Something that runs until the test is over."""

    name, log = "switch", Path("/dev/null")

    def __init__(self) -> None:
        self.off = False

    def ended(self) -> str:
        if self.off:
            raise Ended
        return ""


@contextmanager
def supervised(*services) -> Iterator[None]:
    """Supervises while the block runs."""
    switch, errors = Switch(), []

    def run() -> None:
        try:
            supervise([*services, switch])
        except Ended:
            pass
        except Problem as problem:
            errors.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        switch.off = True
        thread.join(30)
    assert not thread.is_alive()
    assert errors == []


def test_what_is_killed_is_started_again_and_the_others_run_on(start):
    first, other = start("first", "sleep 60"), start("other", "sleep 60")
    before, untouched = first.popen.pid, other.popen.pid
    with supervised(first, other):
        first.popen.kill()
        wait_until(lambda: first.popen.pid != before, 10, "the new start")
    assert (first.ended(), other.ended(), other.popen.pid) == ("", "", untouched)


def test_the_terminal_says_what_happened(start, capsys):
    process = start("beat", "sleep 60")
    before = process.popen.pid
    with supervised(process):
        process.popen.kill()
        wait_until(lambda: process.popen.pid != before, 10, "the new start")
    said = [line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines()]
    assert said[0] == "beat was killed by SIGKILL. It is started again at once."
    assert said[1] == "beat was started again."


def test_what_always_ends_is_given_up_with_a_sentence_and_its_last_lines(start, monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSES", (0.01, 0.02, 0.03))
    process = start("worker", "sh -c 'echo no engine; exit 3'")
    with pytest.raises(Problem) as caught:
        supervise([process])
    sentence, last = str(caught.value).split("\n", 1)
    assert sentence.startswith("worker ended with status 3. It was started again 3 times within")
    assert str(process.log) in sentence
    assert last.splitlines() == ["no engine"] * 4, "the log of each start is there"


def test_a_process_that_dies_now_and_then_is_never_given_up(start, monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSES", (0.01, 0.02))
    monkeypatch.setattr(supervisor, "WITHIN", 0.3)
    process = start("worker", "sh -c 'sleep 0.4; echo ended'")
    with supervised(process):
        wait_until(lambda: output(process).count("ended") > 3, 20, "the fourth end")


def test_children_of_a_killed_process_do_not_keep_its_port(start):
    command = f"{sys.executable} -c '{PARENT}' {free_port()}"
    process = start("web", command)
    wait_until(lambda: output(process).count("listens") == 1, 10, "the start")
    parent = psutil.Process(process.popen.pid)
    (child,) = wait_until(parent.children, 10, "the child")
    with supervised(process):
        parent.kill()
        wait_until(lambda: output(process).count("listens") == 2, 10, "the new start")
    assert not runs(child)


def kept(server) -> int:
    with psycopg.connect(address(server.socket, "postgres", "postgres")) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


@pytest.mark.parametrize("backend", ["that ends", "that hangs"])
def test_a_killed_postgresql_starts_again_at_the_first_try(folder, backend):
    """Also where a process of it lives longer: two servers on the same data would destroy them."""
    with postgres_server(folder / "postgres") as server:
        session = psycopg.connect(address(server.socket, "postgres", "postgres"), autocommit=True)
        session.execute("CREATE TABLE kept AS SELECT 1")
        serving = psutil.Process(session.info.backend_pid)
        assert server.ended() == ""
        if backend == "that hangs":
            serving.send_signal(signal.SIGSTOP)
        server._postmaster.kill()
        wait_until(server.ended, 10, "its end")
        server.start()
        assert not runs(serving)
        assert kept(server) == 1
        session.close()


def test_a_killed_redis_starts_again_at_the_same_address(folder):
    with redis_server(folder / "redis") as server, Redis.from_url(server.url) as client:
        assert client.ping()
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        assert wait_until(server.ended, 10, "its end") == "was killed by SIGKILL"
        server.start()
        assert client.ping()
