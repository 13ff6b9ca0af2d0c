"""Faults that are put into the most dangerous modules are noticed by their tests."""

import ast
import json
import os
import subprocess
import sys

import pytest

from lint.mutants import FEW, TARGETS, all_mutants, few_mutants
from lint.mutations import mutations, mutations_of
from tests.processes import REPOSITORY

SOURCE = """
LIMIT = 3


def may(user, case):
    if case.is_open and not user.left:
        log(user)
        return user.age >= LIMIT
    raise Refused(0)
"""


def changed(change: str) -> str:
    tree = ast.parse(SOURCE)
    (mutation,) = (one for one in mutations_of(tree) if one.change.startswith(change))
    mutation.apply()
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ("And → Or", "if case.is_open or not user.left:"),
        ("if case.is_open", "if not (case.is_open and (not user.left)):"),
        ("GtE → Lt", "return user.age < LIMIT"),
        ("without not", "if case.is_open and (not not user.left):"),
        ("without log", "        pass\n"),
        ("without raise", "    pass"),
        ("0 → 1", "raise Refused(1)"),
    ],
)
def test_each_change_is_made_once_and_nothing_else(change, now):
    before, after = (ast.unparse(ast.parse(SOURCE)), changed(change))
    assert now in after
    assert len(set(before.splitlines()) ^ set(after.splitlines())) == 2


def test_what_stands_outside_functions_stays():
    assert len(mutations(SOURCE)) == 7


def test_the_few_are_some_of_each_target_and_always_the_same():
    few = few_mutants()
    assert list(map(str, few)) == list(map(str, few_mutants()))
    assert len(set(map(str, few))) == FEW
    assert all(any(one.file.startswith(target) for one in few) for target in TARGETS)
    assert len(all_mutants()) > 100


def test_the_tests_of_a_target_are_there():
    assert all((REPOSITORY / path).exists() for tests in TARGETS.values() for path in tests)


@pytest.mark.parametrize(
    ("body", "has_survived"), [("time.sleep(6)", True), ("while True: pass", False)]
)
def test_a_busy_machine_notices_no_mutant(tmp_path, body, has_survived):
    """What is slow may be slow by other work; what computes for ever is a fault."""
    test = tmp_path / "test_it.py"
    test.write_text(f"import time\n\ndef test_it():\n    {body}\n")
    run = "import sys; from lint import mutant_runs as runs; runs.SECONDS = 5"
    command = [sys.executable, "-c", f"{run}; print(runs.survives(None, sys.argv[1:]))", str(test)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == f"{has_survived}\n"


def test_what_takes_long_comes_last():
    """As ``lint.mutants`` names it. With two processes, pytest begins with it."""
    files = ["tests/worklist/test_filters.py", "tests/disclosure/test_two_stacks.py"]
    options = ("--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    command = [sys.executable, "-m", "pytest", *options, *files]
    bare = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=bare, capture_output=True, text=True, check=True
    )
    order = dict.fromkeys(
        line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line
    )
    assert list(order) == files


def test_none_of_the_few_survives():
    environment = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "lint.mutants"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"mutants": FEW, "survived": []}
