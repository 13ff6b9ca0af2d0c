"""The figures against scikit-learn, the calibration against known truths, and that nothing leaks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as reference

from classifier.classify import calibrated
from training.calibrate import cross_fitted, fit_temperature, set_threshold
from training.evaluate import evaluate, group_weights
from training.metrics import Scored, calibration_error, confusion, per_class, summary
from training.scores import OutOfFold


def drawn_scores(pictures: int = 600, strength: float = 1.5, seed: int = 0) -> OutOfFold:
    """Scores that know something; two pictures a group, five folds of whole groups."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, pictures)
    logits = rng.normal(0, 1.3, (pictures, 10))
    logits[np.arange(pictures), labels] += strength
    number = np.arange(pictures)
    groups = np.array([f"g{each:04d}" for each in number // 2])
    hashes = np.array([f"{each:064x}" for each in number])
    return OutOfFold(hashes, groups, number // 2 % 5, labels, logits)


@pytest.fixture
def scores():
    return drawn_scores()


@pytest.fixture
def scored(scores):
    return Scored(scores.labels, calibrated(scores.logits, 1.0))


def test_the_summary_is_scikit_learns(scored):
    ones = np.ones(len(scored.labels))
    figures = summary(scored, ones)
    truth, guess = scored.labels, scored.predicted
    assert figures["accuracy"] == pytest.approx(reference.accuracy_score(truth, guess))
    assert figures["balanced_accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(truth, guess)
    )
    assert figures["macro_f1"] == pytest.approx(reference.f1_score(truth, guess, average="macro"))
    assert figures["top3_accuracy"] == pytest.approx(
        reference.top_k_accuracy_score(truth, scored.probabilities, k=3)
    )


def test_weights_stand_for_repeated_pictures(scored):
    weights = np.random.default_rng(1).integers(0, 4, len(scored.labels))
    repeated = Scored(
        np.repeat(scored.labels, weights), np.repeat(scored.probabilities, weights, axis=0)
    )
    assert summary(scored, weights.astype(float)) == pytest.approx(
        summary(repeated, np.ones(weights.sum()))
    )


def test_each_class_has_scikit_learns_precision_recall_and_f1(scored):
    matrix = confusion(scored, np.ones(len(scored.labels)))
    assert np.array_equal(matrix, reference.confusion_matrix(scored.labels, scored.predicted))
    expected = reference.precision_recall_fscore_support(scored.labels, scored.predicted)[:3]
    assert np.allclose(per_class(matrix), expected)


def test_a_class_that_is_never_predicted_has_no_precision():
    matrix = np.zeros((10, 10))
    matrix[0, 1] = 3
    assert [each[0] for each in per_class(matrix)] == [0, 0, 0]


def test_certain_and_always_right_is_calibrated_and_always_wrong_is_not():
    certain = np.eye(10)[np.arange(50) % 10]
    ones = np.ones(50)
    assert calibration_error(Scored(np.arange(50) % 10, certain), ones) == pytest.approx(0)
    assert calibration_error(Scored((np.arange(50) + 1) % 10, certain), ones) == pytest.approx(1)


def test_the_calibration_error_is_the_mean_gap_of_the_bins():
    probabilities = np.full((4, 10), 0.0)
    probabilities[:, 0] = [0.50, 0.52, 0.90, 0.92]
    probabilities[:, 1] = 1 - probabilities[:, 0]
    scored = Scored(np.array([0, 5, 0, 0]), probabilities)
    # Bins of a fifteenth: {0.50, 0.52} is right once in two, {0.90, 0.92} always.
    assert calibration_error(scored, np.ones(4)) == pytest.approx((2 * 0.01 + 2 * 0.09) / 4)


def test_the_temperature_undoes_a_known_overconfidence():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (6000, 10))
    labels = np.array([rng.choice(10, p=each) for each in calibrated(logits, 1.0)])
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.05)


def test_a_set_of_the_threshold_covers_new_pictures_as_promised():
    known, new = drawn_scores(4000, seed=1), drawn_scores(4000, seed=2)
    threshold = set_threshold(calibrated(known.logits, 1.0), known.labels, 0.9)
    own = calibrated(new.logits, 1.0)[np.arange(4000), new.labels]
    assert (own >= threshold).mean() == pytest.approx(0.9, abs=0.015)


def test_too_few_pictures_promise_nothing():
    few = drawn_scores(8)
    assert set_threshold(calibrated(few.logits, 1.0), few.labels, 0.9) == 0


def test_the_calibration_of_a_fold_does_not_see_the_fold(scores):
    """Other labels and wilder scores in fold 0 change nothing of how fold 0 is calibrated."""
    here = scores.folds == 0
    labels = np.where(here, (scores.labels + 1) % 10, scores.labels)
    before, sets_before = cross_fitted(scores)
    after, sets_after = cross_fitted(replace(scores, labels=labels))
    assert np.array_equal(before[here], after[here])
    assert np.array_equal(sets_before[here], sets_after[here])
    assert not np.allclose(before[~here], after[~here])


def test_no_set_is_empty(scores):
    probabilities, members = cross_fitted(drawn_scores(strength=6))
    assert members[np.arange(len(members)), probabilities.argmax(1)].all()


def test_a_resample_draws_whole_groups(scores):
    weights = group_weights(scores.groups, seed=1, resamples=20)
    assert weights.shape == (20, 600)
    assert np.array_equal(weights[:, ::2], weights[:, 1::2])
    assert (weights.sum(1) == 600).all()


def test_twins_widen_the_interval(scores):
    """The same pictures as twins hold half the evidence: the interval must say so."""
    single = drawn_scores(300)
    twice = OutOfFold(*(np.repeat(getattr(single, name), 2, axis=0) for name in vars(single)))
    alone = replace(twice, groups=np.arange(600).astype(str))

    def width(scores: OutOfFold) -> float:
        low, high = evaluate(scores, resamples=500)["accuracy"]["interval"]
        return high - low

    assert width(twice) > 1.2 * width(alone)


def test_the_interval_holds_the_value(scores):
    figures = evaluate(scores, resamples=300)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "top3_accuracy"):
        low, high = figures[name]["interval"]
        assert low < figures[name]["value"] < high
    assert figures["groups"] == 300


def test_stored_scores_read_as_they_were_written(scores, tmp_path):
    scores.write(tmp_path / "scores.csv")
    again = OutOfFold.read(tmp_path / "scores.csv")
    assert np.allclose(again.logits, scores.logits, atol=1e-6)
    for name in ("sha256", "groups", "folds", "labels"):
        assert np.array_equal(getattr(again, name), getattr(scores, name))
