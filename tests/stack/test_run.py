"""``make run`` itself: it starts once, says what is wrong, and whenever it stops leaves nothing behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localservices.leftovers import MARK, end_leftovers
from localservices.lock import only_one
from tests.processes import REPOSITORY, Process, answers, free_port, processes, wait_until
from tests.stack.conftest import processes_of

RUN = (sys.executable, "-m", "localservices", "run", "--no-demo-cases")


@pytest.fixture
def start(alone, folder, tmp_path) -> Iterator[Callable[..., Process]]:
    """Starts a site on ``folder``, which fails the test if a process stays."""
    with processes(tmp_path) as starter:
        yield lambda name, port: starter(name, *RUN, "--port", str(port), VAR_DIR=str(folder))


@pytest.fixture
def refused(alone, folder) -> Callable[[int], str]:
    """Runs a site that can't start, and returns what it said about it."""

    def run(port: int) -> str:
        done = subprocess.run(
            [*RUN, "--port", str(port)],
            cwd=REPOSITORY,
            env={**alone, "VAR_DIR": str(folder)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr

    return run


def healthy(port: int) -> bool:
    base = f"http://127.0.0.1:{port}/healthz"
    return answers(f"{base}/ready") and answers(f"{base}/worker")


def assert_no_owner_rights(folder: Path) -> None:
    seen = [each.environment for each in processes_of(folder)]
    running = [environment for environment in seen if MARK in environment]
    assert len(running) >= 7, "web and its two children, two workers with theirs, beat"
    assert all("DATABASE_URL" in each for each in running)
    assert not any("DATABASE_OWNER_URL" in each for each in running)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_named_with_another_one(refused, folder, address):
    with socket.create_server((address, 0)) as other:
        port = other.getsockname()[1]
        said = refused(port)
    assert said.startswith(f"Port {port} can't be used: Address already in use.")
    assert f"make run PORT={port + 1}" in said
    assert not (folder / "postgres").exists(), "it found out before it started anything"


def test_a_second_one_on_the_same_data_is_refused(refused, folder):
    with only_one(folder, "Callus at http://127.0.0.1:8123/"):
        said = refused(free_port())
    assert said.startswith(f"Callus at http://127.0.0.1:8123/ runs on {folder} already. ")
    assert "make run VAR_DIR=… PORT=…" in said


@pytest.mark.parametrize(
    ("number", "reached"),
    [
        (signal.SIGINT, ""),
        (signal.SIGHUP, "Starting PostgreSQL"),
        (signal.SIGTERM, "Loading Callus"),
    ],
)
def test_stopped_during_set_up_it_leaves_nothing(start, folder, number, reached):
    site = start("site", free_port())
    if reached:
        wait_until(lambda: f"✓ {reached}" in site.output, 60, reached)
    else:
        wait_until(lambda: list(folder.glob("postgres*")), 30, "the first file")
    site.popen.send_signal(number)
    assert site.popen.wait(30) == 128 + number
    assert "Traceback" not in site.output
    assert processes_of(folder) == []


def test_a_killed_run_is_cleaned_up_by_the_next_and_a_stopped_one_leaves_nothing(start, folder):
    port = free_port()
    killed = start("killed", port)
    wait_until(lambda: healthy(port), 120, "the first site's health")
    assert_no_owner_rights(folder)
    killed.popen.send_signal(signal.SIGKILL)
    killed.popen.wait()
    left = {each.pid for each in processes_of(folder)}
    assert len(left) > 8, "PostgreSQL, Redis, web, two workers and beat, with their children"

    second = start("second", port)
    wait_until(lambda: "Callus is at" in second.output, 120, "the second site's start")
    assert "Ended the processes of a run that was killed." in second.output
    assert healthy(port)
    assert left.isdisjoint({each.pid for each in processes_of(folder)})

    second.popen.send_signal(signal.SIGINT)
    assert second.popen.wait(60) == 128 + signal.SIGINT
    assert second.output.endswith("Stopped.\n")
    assert processes_of(folder) == []


@pytest.fixture
def manage(alone, folder) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``make manage ARGS=…`` on ``folder``."""

    def call(arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--silent", "manage", f"ARGS={arguments}"],
            cwd=REPOSITORY,
            env={**alone, "VAR_DIR": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


WHO = "shell -v 0 -c 'from accounts.models import User; print(User.objects.count())'"


def test_manage_works_while_the_site_runs_and_while_it_does_not(start, manage, folder):
    early = manage("check")
    assert early.returncode != 0
    assert f"There is no database in {folder} yet. Start the site once: make run" in early.stderr

    site = start("site", free_port())
    wait_until(lambda: "Callus is at" in site.output, 120, "the site's start")
    assert (folder / "addresses.json").stat().st_mode & 0o077 == 0
    running = manage(WHO)
    assert running.stdout == "5\n", running.stderr
    site.popen.send_signal(signal.SIGKILL)
    site.popen.wait()
    # The killed run has left its file behind, and servers that the next one ends.
    assert (folder / "addresses.json").exists()
    stopped = manage(WHO)
    assert stopped.stdout == "5\n", stopped.stderr
    refused = manage("verify_audit --no-such-option")
    assert refused.returncode != 0
    assert "unrecognized arguments" in refused.stderr
    end_leftovers(folder)
