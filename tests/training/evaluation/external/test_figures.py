"""The figures of a measurement elsewhere, held against scikit-learn and against counting."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.evaluation.external.tables import drawn_elsewhere
from training.evaluation.external.figures import external_figures
from training.evaluation.external.scores import ExternalScores


def figures(scores, resamples=50):
    return external_figures(scores, 0, resamples)


def test_nothing_measured_gives_no_figures():
    assert figures(ExternalScores.none()) is None


def test_every_figure_is_that_of_counting():
    scores = drawn_elsewhere(400, strength=2.0, refused=40)
    found, given = figures(scores), scores.calls != "not_assessable"
    ill = scores.labels == 1
    said = {
        key: each["value"]
        for key, each in found.items()
        if isinstance(each, dict) and "value" in each
    }
    assert said["auroc"] == pytest.approx(roc_auc_score(ill, scores.log_odds), abs=1e-6)
    called = roc_auc_score(ill[given], scores.log_odds[given])
    assert said["auroc_called"] == pytest.approx(called, abs=1e-6)
    assert said["refused"] == pytest.approx(0.1)
    for name, rows, call, share in (
        ("sensitivity_not_negative", ill, "negative", False),
        ("specificity_not_negative", ~ill, "negative", True),
        ("sensitivity_positive", ill, "positive", True),
        ("specificity_positive", ~ill, "positive", False),
        ("doubt", ill | ~ill, "doubt", True),
    ):
        hit = (scores.calls[rows & given] == call) == share
        assert said[name] == pytest.approx(hit.mean(), abs=1e-6), name


def test_refusing_the_hard_pictures_makes_the_auroc_no_better():
    scores = drawn_elsewhere(400, strength=1.0)
    hard = np.abs(scores.log_odds) < 1
    choosy = replace(scores, calls=np.where(hard, "not_assessable", scores.calls))
    before, after = figures(scores), figures(choosy)
    assert after["auroc"] == before["auroc"]
    assert after["auroc_called"]["value"] > before["auroc_called"]["value"] + 0.05


def test_unread_files_are_counted_and_nothing_else():
    scores = drawn_elsewhere(200, strength=2.0)
    unread = np.arange(200) >= 190
    cut = replace(
        scores,
        calls=np.where(unread, "unread", scores.calls),
        log_odds=np.where(unread, np.nan, scores.log_odds),
    )
    found, rest = figures(cut), figures(scores.where(~unread))
    assert (found.pop("unread"), rest.pop("unread")) == (10, 0)
    assert found == rest


def test_intervals_draw_whole_groups():
    """Another file of every picture in the picture's own group is no further evidence."""
    scores = drawn_elsewhere(200, strength=1.0)
    copied = replace(
        scores.where(np.repeat(np.arange(200), 2)),
        ids=np.array([f"{number:016x}" for number in range(400)]),
    )
    assert figures(copied)["auroc"] == figures(scores)["auroc"]


def test_parts_hold_their_pictures_and_a_tiny_one_has_no_figures():
    slices = figures(drawn_elsewhere(400, strength=2.0))["slices"]
    assert {name: part["pictures"] for name, part in slices["body part"].items()} == {
        "hand": 200,
        "leg": 200,
    }
    assert set(slices) == {"body part", "view", "hardware"}
    assert slices["hardware"]["with"]["pictures"] == 5
    assert "auroc" not in slices["hardware"]["with"]
    assert "auroc" in slices["hardware"]["without"]


def test_a_table_is_read_as_it_was_written(tmp_path):
    scores = drawn_elsewhere(50, refused=5)
    unread = np.arange(50) == 49
    scores = replace(
        scores,
        calls=np.where(unread, "unread", scores.calls),
        log_odds=np.where(unread, np.nan, scores.log_odds),
    )
    scores.write(tmp_path)
    again = ExternalScores.read(tmp_path / "scores_elsewhere.csv")
    assert figures(again) == figures(scores)
    assert again.fingerprint == scores.fingerprint
    other = tmp_path / "again"
    other.mkdir()
    again.write(other)
    name = "scores_elsewhere.csv"
    assert (other / name).read_bytes() == (tmp_path / name).read_bytes()
