"""What only ``make test-all`` runs: it is left out by default, and each kind of it has a short form."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.processes import REPOSITORY
from tests.whole import without_short_form

KILLS = "tests/chaos/test_nothing_is_lost.py"


def item(name: str, *marks: str):
    return SimpleNamespace(nodeid=name, get_closest_marker=lambda mark: mark in marks or None)


def test_a_file_of_whole_forms_alone_is_found():
    items = [item("a.py::one", "whole"), item("b.py::one", "whole"), item("b.py::two")]
    assert without_short_form(items) == ["a.py"]


def collected(*arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("short", [True, False])
def test_the_whole_form_runs_where_it_is_asked_for(short):
    found = collected(KILLS, *([] if short else ["--whole"]))
    assert "mid_batch_loses_no_case[0]" in found
    assert ("mid_batch_loses_no_case[2]" in found) != short
