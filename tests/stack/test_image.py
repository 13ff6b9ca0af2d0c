"""The Dockerfile: not root, no secret, nothing forgotten, and its build step run for real."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.processes import REPOSITORY
from tests.stack.compose import allowed_into_the_image, compose, image_environment, instructions

# A server doesn't train, starts no database, and has nobody whose password everybody knows.
NOT_IN_THE_IMAGE = {"training", "localservices", "demo"}


@pytest.fixture(scope="module")
def image() -> list[tuple[str, str]]:
    """The last stage, which is what runs."""
    lines = instructions()
    last = max(number for number, line in enumerate(lines) if line[0] == "FROM")
    return lines[last:]


def test_it_does_not_run_as_root(image):
    names = [name for name, _ in image]
    user = next(rest for name, rest in image if name == "USER")
    assert user not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    assert any("useradd --system --uid 10001 --no-create-home" in rest for _, rest in image)
    assert names.count("USER") == 1


def test_it_holds_no_secret(image):
    kept = image_environment()
    assert not {name for name in kept if "SECRET" in name or "PASSWORD" in name or "URL" in name}
    assert "ARG" not in [name for name, _ in image]


def test_its_health_check_is_the_sites(image):
    check = next(rest for name, rest in image if name == "HEALTHCHECK")
    command = json.loads(check[check.index("CMD") + 3 :])
    assert command == compose()["services"]["web"]["healthcheck"]["test"][1:]


def test_it_holds_the_site_whole_and_nothing_that_only_a_laptop_needs(image):
    copied = {
        word
        for name, rest in image
        if name == "COPY" and not rest.startswith("--from")
        for word in rest.split()[:-1]
    }
    assert copied == allowed_into_the_image()
    assert all((REPOSITORY / name).exists() for name in copied)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    packages = set(project["tool"]["importlinter"]["root_packages"])
    assert packages & copied == packages - NOT_IN_THE_IMAGE


def test_its_python_is_one_that_callus_runs_on(image):
    version = image[0][1].split(":")[1].split("-")[0]
    assert version in {"3.11", "3.12", "3.13"}
    assert {rest.split()[0] for name, rest in instructions() if name == "FROM"} == {
        f"python:{version}-slim"
    }


def test_its_build_step_gathers_the_static_files_and_keeps_no_secret(image, tmp_path):
    step = next(rest for name, rest in image if name == "RUN" and "collectstatic" in rest)
    environment = {
        **{name: value for name, value in image_environment().items() if name != "PATH"},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "VAR_DIR": str(tmp_path),
    }
    subprocess.run(["/bin/sh", "-c", step], cwd=REPOSITORY, env=environment, check=True, timeout=90)
    manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text())
    assert any(name.endswith(".css") for name in manifest["paths"])
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    assert shlex.split(step)[-2:] == ["collectstatic", "--no-input"]
