"""Each container's very command, run here as Docker would run it, until its very health check passes.

Production settings, the tests' PostgreSQL, a Redis of their own. There is no Docker in it: what is not seen
here is the image's build, its networks and its mounts.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
import pytest

from localservices.cluster import programs
from localservices.postgres import address, server
from localservices.redis import redis
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
def container(committed_db, folder, web_install) -> Iterator[Callable[[str], Container]]:
    """Makes a container's environment: the image's, compose's, and this machine's addresses last.

    Its programs are those of its own image: only the worker's image has what runs a model.
    """
    programs_of = {"web": web_install, "worker": BIN}
    (folder / "beat").mkdir()
    with redis(folder / "redis") as broker:
        here = {
            "VAR_DIR": str(folder),
            "REDIS_URL": broker,
            "BIND": "127.0.0.1",
            "PORT": str(free_port()),
        }

        def make(name: str) -> Container:
            service = compose()["services"][name]
            target = service["build"]["target"]
            environment = {**image_environment(target), **service["environment"], **here}
            environment["PATH"] = f"{programs_of[target]}{os.pathsep}{os.environ['PATH']}"
            for address in ("DATABASE_URL", "DATABASE_OWNER_URL"):
                environment[address] = os.environ[address] if address in environment else ""
            return Container(service, environment)

        yield make


@pytest.fixture
def start(container, tmp_path) -> Iterator[Callable[[str], Container]]:
    with processes(tmp_path) as starter:

        def start(name: str) -> Container:
            made = container(name)
            made.process = starter(name, *made.service["command"], **made.environment)
            return made

        yield start


def test_web_is_healthy_once_the_migration_ran_and_serves_the_sign_in(container, start):
    build = container("web").environment
    collect = ["python", "manage.py", "collectstatic", "--no-input", "-v0"]
    subprocess.run(collect, cwd=REPOSITORY, env=build, check=True, timeout=90)
    web = start("web")
    wait_until(lambda: "503" in web.unhealthy(), 60, "the refusal while no release is there")

    migration = container("migrate")
    command = migration.service["command"]
    subprocess.run(command, cwd=REPOSITORY, env=migration.environment, check=True, timeout=120)
    assert not Release.objects.get().is_active, "a worker hasn't checked it yet"
    start("worker-inference")
    web.becomes_healthy()
    assert Release.objects.get().is_active

    url = f"http://127.0.0.1:{build['PORT']}/accounts/login/"
    headers = {"Host": "other.example.org", "X-Forwarded-Proto": "https"}
    with urlopen(Request(url, headers=headers), timeout=10) as page:
        assert b'type="password"' in page.read()


def test_workers_are_healthy_while_they_answer_and_carry_beats_heartbeat(start):
    inference, default, _ = map(start, ("worker-inference", "worker-default", "beat"))
    inference.becomes_healthy()
    default.becomes_healthy()
    wait_until(Heartbeat.objects.filter(queue="inference").exists, 60, "the heartbeat")
    inference.process.kill()
    assert "doesn't answer" in inference.unhealthy()
    assert not default.unhealthy(), "each container asks for its own worker"


def test_beat_is_healthy_while_it_writes_its_schedule(start, folder):
    beat = start("beat")
    beat.becomes_healthy()
    for path in (folder / "beat").iterdir():
        os.utime(path, (0, 0))
    assert "beat wrote its schedule" in beat.unhealthy()


def test_the_databases_first_start_makes_both_roles(folder):
    """docker/roles.sh on a bare server, with the passwords that compose gives it."""
    given = compose()["services"]["db"]["environment"]
    with server(folder / "postgres", throwaway=True) as socket:
        path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
        environment = {**given, "PATH": path, "PGHOST": str(socket)}
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
