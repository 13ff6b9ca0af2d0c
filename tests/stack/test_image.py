"""The Dockerfile: not root, no secret, nothing forgotten or in vain, and its build step run for real."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.processes import REPOSITORY
from tests.stack.compose import (
    allowed_into_the_image,
    compose,
    image,
    image_environment,
    instructions,
)

TARGETS = ("web", "worker")
# A server doesn't train, isn't linted, starts no database, and has nobody whose password everybody knows.
NOT_IN_THE_IMAGE = {"training", "localservices", "demo", "lint"}


def of(target: str, instruction: str) -> list[str]:
    return [rest for name, rest in image(target) if name == instruction]


@pytest.mark.parametrize("target", TARGETS)
def test_it_does_not_run_as_root(target):
    names = [name for name, _ in image(target)]
    (user,) = of(target, "USER")
    assert user not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    assert any(
        "useradd --system --uid 10001 --no-create-home" in rest for rest in of(target, "RUN")
    )


@pytest.mark.parametrize("target", TARGETS)
def test_it_holds_no_secret(target):
    kept = image_environment(target)
    assert not {name for name in kept if "SECRET" in name or "PASSWORD" in name or "URL" in name}
    assert "ARG" not in [name for name, _ in instructions()]


@pytest.mark.parametrize(("target", "service"), [("web", "web"), ("worker", "worker-inference")])
def test_its_command_and_health_check_are_those_of_compose(target, service):
    composed = compose()["services"][service]
    (check,), (command,) = of(target, "HEALTHCHECK"), of(target, "CMD")
    assert json.loads(check[check.index("CMD") + 3 :]) == composed["healthcheck"]["test"][1:]
    assert json.loads(command) == composed["command"]


@pytest.mark.parametrize("target", TARGETS)
def test_it_holds_the_site_whole_and_nothing_that_only_a_laptop_needs(target):
    copied = {
        word
        for rest in of(target, "COPY")
        if not rest.startswith("--from")
        for word in rest.split()[:-1]
    }
    assert copied == allowed_into_the_image()
    assert all((REPOSITORY / name).exists() for name in copied)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    packages = set(project["tool"]["importlinter"]["root_packages"])
    assert packages & copied == packages - NOT_IN_THE_IMAGE


@pytest.mark.parametrize("target", TARGETS)
def test_its_packages_are_those_of_its_own_requirements(target):
    (given,) = [rest for rest in of(target, "COPY") if rest.startswith("--from")]
    assert given == f"--from={target}-packages /venv /venv"
    installed = [rest for rest in of(f"{target}-packages", "RUN") if "pip install" in rest]
    assert [rest.split()[-1] for rest in installed] == {
        "web": ["requirements-web.txt"],
        "worker": ["requirements-web.txt", "requirements-worker.txt"],
    }[target]


def test_its_python_is_one_that_callus_runs_on():
    bases = {rest.split()[0] for name, rest in instructions() if name == "FROM"}
    (python,) = bases - {"site", "web-packages"}
    assert python in {"python:3.11-slim", "python:3.12-slim", "python:3.13-slim"}


def test_its_build_step_gathers_the_static_files_and_keeps_no_secret(tmp_path):
    (step,) = [rest for rest in of("web", "RUN") if "collectstatic" in rest]
    environment = {
        **{name: value for name, value in image_environment("web").items() if name != "PATH"},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "VAR_DIR": str(tmp_path),
    }
    subprocess.run(["/bin/sh", "-c", step], cwd=REPOSITORY, env=environment, check=True, timeout=90)
    manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text())
    assert any(name.endswith(".css") for name in manifest["paths"])
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    assert shlex.split(step)[-2:] == ["collectstatic", "--no-input"]
