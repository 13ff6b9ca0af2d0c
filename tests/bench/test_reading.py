"""The benchmark of the reading room runs; how fast it was is no test's business."""

import json
import sys

import pytest

from bench import reading

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("committed_db", "storage")]


def test_two_readers_go_from_case_to_case(monkeypatch, capsys):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the benchmark sets it for itself
    monkeypatch.setattr(sys, "argv", ["reading", "--turns", "2"])
    reading.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    for name in ("next_ms", "next_alone_ms", "bare_ms"):
        assert found[name]["n"] == 2
        assert found[name]["median"] > 0
    assert found["first_picture_ms"]["n"] == 2
    # Signing, the page, its picture, what comes behind it: what is static was there.
    assert found["next_requests"] < 8
    assert found["script_bytes"] > found["script_bytes_compressed"] > 1000
    assert found["html_bytes"] > found["html_bytes_compressed"] > 1000
