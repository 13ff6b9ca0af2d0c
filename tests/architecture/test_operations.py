"""What an operator sets is documented where they look for it."""

import re

import pytest

from tests.architecture.test_floors import REPOSITORY

READ = re.compile(r"""(?:env\.\w+|environ\.get)\(\s*["']([A-Z_]+)["']""")
SOURCES = (
    *("config/settings/base.py", "config/settings/callus.py", "config/settings/people.py"),
    "config/settings/production.py",
    "config/gunicorn.py",
)
ASKED_FOR = re.compile(r"\$\{([A-Z_]+):\?")


@pytest.mark.parametrize("source", SOURCES)
def test_each_variable_that_production_reads_is_documented(source):
    names = set(READ.findall((REPOSITORY / source).read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (REPOSITORY / "docs/operations.md").read_text()))
    assert names, source
    assert names <= documented, names - documented


def test_the_example_has_each_variable_that_compose_can_not_do_without():
    asked = set(ASKED_FOR.findall((REPOSITORY / "docker-compose.yml").read_text()))
    given = set(re.findall(r"(?m)^([A-Z_]+)=", (REPOSITORY / "docker/env.example").read_text()))
    assert "PUBLIC_URL" in asked
    assert asked <= given, asked - given
