"""The benchmark of renewals runs; what it measured is no test's business, but that one writes less is."""

import json
import sys

import pytest

from bench import renewals

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def test_a_renewal_writes_less_than_a_case(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["renewals", "--renewals", "20"])
    renewals.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < found["renewal_wal_bytes"] < found["case_wal_bytes"]
