"""The benchmark of re-dating runs; how fast it was is no test's business."""

import json
import sys

import pytest

from bench import redating

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def test_a_changed_table_is_timed_beside_the_former_way(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["redating", "--cases", "5"])
    monkeypatch.setattr("triage.worklist.redating.CHUNK", 2)
    redating.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["deadlines_moved"] == [5, 2, 0]
    assert found["chunks"] == 2
    assert found["request_as_before_s"] > 0
