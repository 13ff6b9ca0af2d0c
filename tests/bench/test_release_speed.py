"""The benchmark runs and tells its figures; how fast it was is no test's business."""

import json
import sys

import pytest

from bench import release_speed


def test_a_release_is_timed_beside_a_plain_network(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["release_speed", "--json"])
    monkeypatch.setattr(release_speed, "ROUNDS", 1)
    release_speed.main()
    found = json.loads(capsys.readouterr().out)
    assert found["release"].startswith("callus-")
    assert found["share_of_lite0"] > 0
    assert found["pictures_per_second"] / release_speed.LIMIT == pytest.approx(
        found["times_the_limit"], rel=0.01
    )
