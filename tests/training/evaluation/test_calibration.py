"""Fitted numbers keep their promise, and a fold's own scores have no part in them."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.assessability import non_radiograph_log_odds
from classifier.classify import calibrated
from tests.training.evaluation.score_tables import drawn_bones, drawn_scores
from training.evaluation.calibration import (
    FALSE_REFUSALS,
    called,
    cross_called,
    cross_fitted,
    fit_call,
    fit_refusal,
    fit_temperature,
    set_thresholds,
)


@pytest.fixture
def scores():
    return drawn_scores()


def test_the_temperature_undoes_a_known_overconfidence():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (6000, 10))
    labels = np.array([rng.choice(10, p=each) for each in calibrated(logits, 1.0)])
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.05)


def test_sets_cover_every_class_of_new_pictures_as_promised():
    known, new = drawn_scores(6000, seed=1), drawn_scores(6000, seed=2)
    thresholds = set_thresholds(calibrated(known.logits, 1.0), known.labels, 0.9)
    members = calibrated(new.logits, 1.0) >= thresholds
    for label in range(10):
        own = new.labels == label
        assert members[own, label].mean() == pytest.approx(0.9, abs=0.04)


def test_a_class_of_too_few_pictures_is_promised_nothing():
    few = drawn_scores(60)
    labels = np.where(few.labels == 3, 4, few.labels)
    labels[:5] = 3
    thresholds = set_thresholds(calibrated(few.logits, 1.0), labels, 0.9)
    assert thresholds[3] == 0


def test_the_call_keeps_its_operating_points():
    bones = drawn_bones(4000)
    rule = fit_call(bones.fracture, bones.labels)
    probabilities = np.array([rule.probability(score) for score in bones.fracture])
    calls = called(probabilities, rule)
    assert (calls[bones.labels == 1] >= 0).mean() == pytest.approx(0.95, abs=0.01)
    assert (calls[bones.labels == 0] <= 0).mean() == pytest.approx(0.95, abs=0.01)
    assert rule.negative_below < rule.positive_from
    for low, high in ((0.2, 0.3), (0.5, 0.6), (0.8, 0.9)):
        bin_ = (probabilities >= low) & (probabilities < high)
        assert bones.labels[bin_].mean() == pytest.approx((low + high) / 2, abs=0.08)


def test_where_no_one_is_in_doubt_the_call_turns_once():
    bones = drawn_bones(800, strength=30)
    rule = fit_call(bones.fracture, bones.labels)
    assert rule.negative_below == rule.positive_from
    probabilities = np.array([rule.probability(score) for score in bones.fracture])
    assert np.array_equal(called(probabilities, rule) > 0, bones.labels == 1)


def test_the_refusal_spares_the_promised_share_of_radiographs():
    kinds = drawn_scores(2000).kinds
    refused = non_radiograph_log_odds(kinds) >= fit_refusal(kinds)
    assert refused.mean() == pytest.approx(FALSE_REFUSALS, abs=0.002)


@pytest.mark.parametrize("repeat", [0, 1])
def test_the_calibration_of_a_fold_does_not_see_the_fold(repeat):
    """Other labels in one fold of one repeat change nothing of how that fold is calibrated."""
    scores = drawn_scores(repeats=2)
    here = (scores.folds == 0) & (scores.repeats == repeat)
    labels = np.where(here, (scores.labels + 1) % 10, scores.labels)
    before, sets_before = cross_fitted(scores)
    after, sets_after = cross_fitted(replace(scores, labels=labels))
    assert np.array_equal(before[here], after[here])
    assert np.array_equal(sets_before[here], sets_after[here])
    assert not np.allclose(before[~here], after[~here])
    other = scores.repeats != repeat
    assert np.array_equal(before[other], after[other])


def test_the_call_of_a_fold_does_not_see_the_fold():
    bones = drawn_bones()
    here = bones.folds == 2
    turned = replace(bones, labels=np.where(here, 1 - bones.labels, bones.labels))
    before, _ = cross_called(bones)
    after, _ = cross_called(turned)
    assert np.array_equal(before[here], after[here])
    assert not np.allclose(before[~here], after[~here])


def test_no_set_is_empty():
    probabilities, members = cross_fitted(drawn_scores(strength=6))
    assert members[np.arange(len(members)), probabilities.argmax(1)].all()
