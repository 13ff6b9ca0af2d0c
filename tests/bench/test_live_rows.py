"""The benchmark of the live rows runs; how fast they were is no test's business."""

import json
import sys

import pytest

from bench import live_rows

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def test_an_unchanged_list_is_polled_beside_a_bare_view(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["live_rows", "--cases", "2", "--polls", "3"])
    live_rows.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["answered_304"] == 3
    assert found["bytes_of_the_rows"] > 500
    assert found["unchanged_ms_cpu"] < found["whole_ms_cpu"]
