"""The benchmark of the decoder runs. Of what it measured one thing is tested: that a warm parent pays."""

import json
import sys

from bench import decoder


def test_a_warm_parent_costs_less_than_a_process_for_each_file(monkeypatch, capsys):
    kinds = {name: decoder.KINDS[name] for name in ("small_png", "clinic_jpeg")}
    monkeypatch.setattr(decoder, "KINDS", kinds)
    monkeypatch.setattr(sys, "argv", ["decoder", "--files", "5", "--no-large"])
    decoder.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < found["small_png"]["cpu_ms"] < found["small_png"]["fresh_cpu_ms"] / 3
    assert 0 < found["clinic_jpeg"]["cpu_ms"] < found["clinic_jpeg"]["fresh_cpu_ms"]
