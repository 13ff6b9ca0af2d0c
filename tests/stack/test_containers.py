"""Each container's very command, run here as Docker would run it, until its very health check passes.

Production settings, the tests' PostgreSQL, a Redis of their own. There is no Docker in it: what is not seen
here is the image's build, its networks and its mounts.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
import pytest

from config.stack.postgres import address, server
from config.stack.redis import redis
from tests.processes import REPOSITORY, Process, free_port, processes, wait_until
from tests.stack.compose import compose, image_environment
from triage.models import Heartbeat, Release

BIN = Path(sys.executable).parent


@dataclass
class Container:
    """One service of docker-compose.yml, run without Docker."""

    service: dict
    environment: dict[str, str]
    process: Process | None = None

    def unhealthy(self) -> str:
        """What the health check printed, or nothing where it passed."""
        done = subprocess.run(
            self.service["healthcheck"]["test"][1:],
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def becomes_healthy(self) -> None:
        problem = "not asked yet"

        def healthy() -> bool:
            nonlocal problem
            assert self.process.popen.poll() is None, self.process.output[-2000:]
            problem = self.unhealthy()
            return not problem

        try:
            wait_until(healthy, 90, "health")
        except AssertionError as error:
            raise AssertionError(f"{error} {problem} {self.process.output[-2000:]}") from None


@pytest.fixture
def broker(folder) -> Iterator[str]:
    with redis(folder / "redis") as url:
        yield url


@pytest.fixture
def container(committed_db, broker, folder) -> Callable[[str], Container]:
    """Makes a container's environment: the image's, compose's, and this machine's addresses last."""
    (folder / "beat").mkdir()
    port = str(free_port())

    def make(name: str) -> Container:
        service = compose()["services"][name]
        here = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "VAR_DIR": str(folder),
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "REDIS_URL": broker,
            "BIND": "127.0.0.1",
            "PORT": port,
        }
        if "DATABASE_OWNER_URL" in service["environment"]:
            here["DATABASE_OWNER_URL"] = os.environ["DATABASE_OWNER_URL"]
        return Container(service, {**image_environment(), **service["environment"], **here})

    return make


@pytest.fixture
def start(container, tmp_path, monkeypatch) -> Iterator[Callable[[str], Container]]:
    for name in ("DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with processes(tmp_path) as starter:

        def start(name: str) -> Container:
            made = container(name)
            assert made.unhealthy(), "a check that passes before the start checks nothing"
            environment = made.environment
            if "DATABASE_OWNER_URL" not in environment:
                monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
            made.process = starter(name, *made.service["command"], **environment)
            return made

        yield start


def migrate(container: Callable[[str], Container]) -> None:
    made = container("migrate")
    command = made.service["command"]
    subprocess.run(command, cwd=REPOSITORY, env=made.environment, check=True, timeout=120)


def test_web_is_healthy_once_the_migration_ran_and_serves_the_sign_in(container, start):
    web = start("web")
    wait_until(lambda: "503" in web.unhealthy(), 60, "the refusal while no release is there")
    migrate(container)
    assert Release.objects.get().is_active
    web.becomes_healthy()
    url = f"http://127.0.0.1:{web.environment['PORT']}/accounts/login/"
    headers = {"Host": "other.example.org", "X-Forwarded-Proto": "https"}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
    subprocess.run(collect, cwd=REPOSITORY, env=web.environment, check=True, timeout=60)
    web.process.kill()
    web = start("web")
    web.becomes_healthy()
    with urlopen(Request(url, headers=headers), timeout=10) as page:
        assert page.status == 200
        assert b'type="password"' in page.read()


@pytest.mark.parametrize("name", ["worker-inference", "worker-default"])
def test_a_worker_is_healthy_while_it_answers(start, name):
    worker = start(name)
    worker.becomes_healthy()
    worker.process.kill()
    assert "doesn't answer" in worker.unhealthy()


def test_beat_is_healthy_while_it_writes_its_schedule(start, folder):
    beat = start("beat")
    beat.becomes_healthy()
    for path in (folder / "beat").iterdir():
        os.utime(path, (0, 0))
    assert "beat wrote its schedule" in beat.unhealthy()


def test_beat_and_the_workers_carry_the_heartbeat(start):
    for name in ("worker-inference", "worker-default", "beat"):
        start(name)
    wait_until(Heartbeat.objects.filter(queue="inference").exists, 60, "the heartbeat")


def test_the_databases_first_start_makes_both_roles(folder):
    """docker/roles.sh on a bare server, with the passwords that compose gives it."""
    given = compose()["services"]["db"]["environment"]
    with server(folder / "postgres", throwaway=True) as socket:
        programs = Path(shutil.which("initdb") or _wheel("initdb")).parent
        environment = {
            **given,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(socket),
        }
        script = REPOSITORY / "docker" / "roles.sh"
        subprocess.run([script], env=environment, check=True, timeout=30)
        with psycopg.connect(address(socket, "postgres", "callus")) as admin:
            roles = admin.execute(
                "SELECT rolname, rolsuper, rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid "
                "WHERE rolname LIKE 'callus%' ORDER BY rolname"
            ).fetchall()
        assert roles == [("callus_app", False, True), ("callus_owner", False, True)]
        with psycopg.connect(address(socket, "callus_owner", "callus")) as owner:
            owner.execute("CREATE TABLE made (n int)")
        with (
            psycopg.connect(address(socket, "callus_app", "callus")) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("CREATE TABLE refused (n int)")
