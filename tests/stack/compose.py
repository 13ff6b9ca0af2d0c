"""Reads docker-compose.yml and Dockerfile as Docker does, as far as they are used here."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from tests.processes import REPOSITORY

VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<how>[?-])(?P<rest>[^}]*))?\}")
SECRETS = {
    "SECRET_KEY": "k3-J7_qPz0vXwR5tYb8NcL1sHd6Gf9MaE2uIoQxZ4rTyVnBmKjWpSgCh",
    "POSTGRES_PASSWORD": "one",
    "CALLUS_OWNER_PASSWORD": "two",
    "CALLUS_APP_PASSWORD": "three",
    "ALLOWED_HOSTS": "callus.example.org,other.example.org",
    "PUBLIC_URL": "https://callus.example.org",
    "EMAIL_HOST": "mail.example.org",
    "DEFAULT_FROM_EMAIL": "callus@example.org",
}


def compose_text() -> str:
    return (REPOSITORY / "docker-compose.yml").read_text()


def compose(given: dict[str, str] | None = None) -> dict[str, Any]:
    """The file, its variables filled from ``given``. A required one that is missing raises KeyError."""
    values = SECRETS if given is None else given

    def fill(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        optional = found["how"] == "-"
        return values.get(found["name"], found["rest"]) if optional else values[found["name"]]

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [filled(value) for value in node]
        return VARIABLE.sub(fill, node) if isinstance(node, str) else node

    return filled(yaml.safe_load(compose_text()))


def instructions() -> list[tuple[str, str]]:
    """(INSTRUCTION, arguments) of the Dockerfile, continued lines joined."""
    text = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines]


def image(target: str) -> list[tuple[str, str]]:
    """The instructions that make a target's image, those of the stages that it is built FROM first."""
    stages: dict[str, list[tuple[str, str]]] = {}
    for name, rest in instructions():
        if name == "FROM":
            base, _as, stage = rest.split()
            stages[stage] = [*stages.get(base, []), (name, base)]
        else:
            stages[stage].append((name, rest))
    return stages[target]


def image_environment(target: str) -> dict[str, str]:
    """What ENV gives every container of the target's image."""
    words = [word for name, rest in image(target) if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def allowed_into_the_image() -> set[str]:
    """The names that .dockerignore lets through."""
    lines = Path(REPOSITORY / ".dockerignore").read_text().splitlines()
    return {line[1:] for line in lines if line.startswith("!")}
