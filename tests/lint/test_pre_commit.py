"""The hooks of pre-commit run what ``make lint`` runs, at the versions that are pinned here."""

import re

import yaml

from tests.architecture.test_floors import REPOSITORY

CONFIGURATION = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())
HOOKS = [hook for repository in CONFIGURATION["repos"] for hook in repository["hooks"]]


def test_no_hook_fetches_anything():
    assert [repository["repo"] for repository in CONFIGURATION["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in HOOKS)


def test_each_hook_is_a_line_of_make_lint():
    makefile = (REPOSITORY / "Makefile").read_text()
    lines = re.findall(r"\$\(BIN\)/(\S+(?: (?:-m \S+|check|format))?)", makefile)
    called = {re.match(r"\S+(?: (?:-m \S+|check|format))?", hook["entry"])[0] for hook in HOOKS}
    assert len(called) >= 5
    assert {entry.removeprefix(".venv/bin/") for entry in called} <= set(lines)
