"""The benchmark runs and reports its figures; how fast it was is no test's business."""

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


def test_each_network_of_a_release_of_two_is_timed_alone(
    monkeypatch, capsys, release_with_detector
):
    monkeypatch.setattr(
        sys, "argv", ["release_speed", "--json", "--release", str(release_with_detector)]
    )
    monkeypatch.setattr(release_speed, "ROUNDS", 1)
    release_speed.main()
    found = json.loads(capsys.readouterr().out)
    costs = found["lite0_that_a_network_costs"]
    assert set(costs) == {"types", "detector"}
    assert all(times > 0.5 for times in costs.values())
