"""What a site reads when it sets points of its own: held against counting."""

import numpy as np
import pytest

from classifier.call import CallRule
from tests.training.evaluation.detector.tables import drawn_detector
from training.evaluation.detector.calibration import cross_called, fit_call
from training.evaluation.detector.figures import detector_figures
from training.evaluation.detector.thresholds import threshold_rows


@pytest.fixture(scope="module")
def scores():
    return drawn_detector(strength=2.0)


@pytest.fixture(scope="module")
def rows(scores):
    return detector_figures(scores, 0.0, 0, 5)["fracatlas"]["thresholds"]


def test_each_row_is_that_of_counting_the_folds_pictures(scores, rows):
    folds = scores.of("fracatlas")
    probabilities, _ = cross_called(folds)
    ill = folds.labels == 1
    for row in rows:
        assert set(row) == {"at", "sensitivity", "specificity"}
        kept = probabilities >= row["at"]
        assert row["sensitivity"] == pytest.approx(kept[ill].mean(), abs=5e-5)
        assert row["specificity"] == pytest.approx((~kept)[~ill].mean(), abs=5e-5)


def test_rows_rise_and_lie_close_towards_both_ends(rows):
    at = np.array([row["at"] for row in rows])
    assert (np.diff(at) > 0).all()
    assert (at[0], at[-1]) == (0.0, 1.0)
    assert 95 <= len(at) <= 110
    inner = at[(at > 0.001) & (at < 0.999)]
    odds = inner / (1 - inner)
    assert (odds[1:] / odds[:-1]).max() < 1.2
    assert rows[0]["sensitivity"] == 1
    assert rows[0]["specificity"] == 0


def test_the_release_s_own_points_have_rows(scores, rows):
    rule, at = fit_call(scores), {row["at"] for row in rows}
    assert {rule.negative_below, rule.positive_from} <= at


def test_a_picture_at_a_point_is_called_as_the_rule_calls_it():
    """The first point is doubt's, the second positive's: neither is below itself."""
    rule = CallRule(1.0, 0.0, 0.2, 0.6)
    probabilities, ill = np.array([0.2, 0.6, 0.2, 0.6]), np.array([True, True, False, False])
    told = {row["at"]: row for row in threshold_rows(probabilities, ill, rule)}
    assert told[0.2] == {"at": 0.2, "sensitivity": 1.0, "specificity": 0.0}
    assert told[0.6] == {"at": 0.6, "sensitivity": 0.5, "specificity": 0.5}
