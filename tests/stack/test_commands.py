"""``python -m localservices services``: servers for the length of one command, and its exit status."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from localservices.lock import only_one
from tests.processes import REPOSITORY, processes, wait_until
from tests.stack.conftest import processes_of

STACK = (sys.executable, "-m", "localservices")
SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def call(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STACK, *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("command", "status"), [("exit 7", 7), ("true", 0), ("kill -9 $$", 137)])
def test_the_exit_status_is_the_commands_own(alone, command, status):
    assert call(alone, "services", "--", "sh", "-c", command).returncode == status


def test_the_command_finds_both_servers_and_its_data_is_gone_afterwards(alone):
    done = call(alone, "services", "--database", "mine", "--", sys.executable, "-c", SHOW)
    seen = json.loads(done.stdout)
    assert seen["DATABASE_URL"].startswith("postgresql://callus_app@/mine?")
    assert seen["DATABASE_OWNER_URL"].startswith("postgresql://callus_owner@/mine?")
    assert seen["REDIS_URL"].startswith("redis://127.0.0.1:")
    assert not Path(seen["VAR_DIR"]).exists()
    assert processes_of(Path(seen["VAR_DIR"])) == []


def test_servers_that_the_environment_names_are_used_as_they_are(alone):
    named = {
        "DATABASE_URL": "postgresql://callus_app@db/callus",
        "DATABASE_OWNER_URL": "postgresql://callus_owner@db/callus",
        "REDIS_URL": "redis://broker:6379/0",
    }
    done = call({**alone, **named}, "services", "--", sys.executable, "-c", SHOW)
    seen = json.loads(done.stdout)
    assert {name: seen[name] for name in named} == named


def test_one_address_without_the_other_is_refused(alone):
    half = {**alone, "DATABASE_URL": "postgresql://callus_app@db/callus"}
    done = call(half, "services", "--", "true")
    assert done.returncode == 1
    assert done.stderr.startswith("Only DATABASE_URL is set. ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--", "no-such-program"], "no-such-program can't be run: No such file or directory."),
        ([], "There is no command to run."),
    ],
)
def test_a_command_that_cannot_run_is_said(alone, words, sentence):
    done = call(alone, "services", *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_and_the_servers(alone, folder, tmp_path, number):
    """``folder`` fails the test if a process stays."""
    command = ("services", "--var-dir", str(folder), "--", "sh", "-c", "echo up; exec sleep 60")
    with processes(tmp_path) as start:
        stack = start("services", *STACK, *command)
        wait_until(lambda: "up" in stack.output, 60, "the command")
        stack.popen.send_signal(number)
        assert stack.popen.wait(30) == 128 + number
        assert "Traceback" not in stack.output


def test_two_on_the_same_data_are_refused(alone, folder):
    with only_one(folder, "The first one"):
        done = call(alone, "services", "--var-dir", str(folder), "--", "true")
    assert done.returncode == 1
    assert done.stderr.startswith(f"The first one runs on {folder} already. ")


@pytest.mark.parametrize("command", ["run", "services", "demo", "smoke"])
def test_each_command_has_its_help(alone, command):
    listed = call(alone, "--help").stdout
    done = call(alone, command, "--help")
    assert done.returncode == 0
    assert f"localservices {command}" in done.stdout
    assert f"\n    {command} " in listed
