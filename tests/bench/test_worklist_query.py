"""The benchmark of the worklist of many sites runs; how fast it was is no test's business."""

import json
import sys

import pytest

from bench import worklist_query

pytestmark = pytest.mark.usefixtures("committed_db")


def test_it_reports_the_cost_with_and_without_cases(monkeypatch, capsys):
    given = ["worklist_query", "--sites", "3", "--cases", "30", "--rounds", "2"]
    monkeypatch.setattr(sys, "argv", given)
    worklist_query.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["sites"], found["open_cases"]) == (3, 30)
    assert found["empty_times_one_site"] > 0
    assert 0 < found["sql_ms"] <= found["wall_ms"]
