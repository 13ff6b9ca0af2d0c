"""Metrics of weighted pictures are scikit-learn's."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics as reference

from classifier.classify import calibrated
from tests.training.evaluation.score_tables import drawn_run, drawn_scores
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.curves import reliability
from training.evaluation.metrics import (
    Predictions,
    Ranked,
    accuracy_at,
    auroc,
    aurocs,
    calibration_error,
    confusion,
    per_class,
    summary,
)


@pytest.fixture
def scores():
    return drawn_scores()


@pytest.fixture
def predictions(scores):
    return Predictions(scores.labels, calibrated(scores.logits, 1.0))


@pytest.fixture(scope="module")
def figures():
    return evaluate(drawn_run(), resamples=200)


def test_the_summary_is_scikit_learns(predictions):
    figures = summary(predictions, np.ones(len(predictions.labels)))
    truth, guess = predictions.labels, predictions.predicted
    assert figures["accuracy"] == pytest.approx(reference.accuracy_score(truth, guess))
    assert figures["balanced_accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(truth, guess)
    )
    assert figures["macro_f1"] == pytest.approx(reference.f1_score(truth, guess, average="macro"))
    assert figures["top3_accuracy"] == pytest.approx(
        reference.top_k_accuracy_score(truth, predictions.probabilities, k=3)
    )
    assert figures["macro_auroc"] == pytest.approx(
        reference.roc_auc_score(truth, predictions.probabilities, multi_class="ovr")
    )


def test_weights_stand_for_repeated_pictures(predictions):
    weights = np.random.default_rng(1).integers(0, 4, len(predictions.labels))
    repeated = Predictions(
        np.repeat(predictions.labels, weights),
        np.repeat(predictions.probabilities, weights, axis=0),
    )
    weighted = summary(predictions, weights.astype(float))
    assert weighted == pytest.approx(summary(repeated, np.ones(weights.sum())), abs=2e-3)
    exact = ("accuracy", "balanced_accuracy", "macro_f1", "top3_accuracy", "ece")
    again = summary(repeated, np.ones(weights.sum()))
    assert all(weighted[name] == pytest.approx(again[name]) for name in exact)


def test_a_weighted_auroc_is_scikit_learns():
    rng = np.random.default_rng(3)
    positive = rng.random(300) < 0.3
    weights = rng.integers(0, 3, 300).astype(float)
    for score in (
        rng.normal(size=300),
        rng.integers(0, 5, 300),
        np.zeros(300),
    ):  # few, or no, differences
        expected = reference.roc_auc_score(positive, score, sample_weight=weights)
        assert auroc(Ranked.of(score), positive, weights) == pytest.approx(expected)


def test_each_class_has_scikit_learns_precision_recall_and_f1(predictions):
    matrix = confusion(predictions, np.ones(len(predictions.labels)))
    assert np.array_equal(
        matrix, reference.confusion_matrix(predictions.labels, predictions.predicted)
    )
    expected = reference.precision_recall_fscore_support(predictions.labels, predictions.predicted)[
        :3
    ]
    assert np.allclose(per_class(matrix), expected)


def test_a_class_that_is_never_predicted_has_no_precision():
    matrix = np.zeros((10, 10))
    matrix[0, 1] = 3
    assert [each[0] for each in per_class(matrix)] == [0, 0, 0]


def test_a_class_that_nobody_or_everybody_is_of_has_no_auroc(predictions):
    once = np.ones(len(predictions.labels))
    assert np.isnan(aurocs(predictions, once * (predictions.labels != 4))[4])
    alone = once * (predictions.labels == 4)
    assert np.isnan(aurocs(predictions, alone)).all()
    assert np.isnan(summary(predictions, alone)["macro_auroc"])


def test_accuracy_on_the_surest_is_that_of_the_highest_confidences(predictions):
    ones = np.ones(len(predictions.labels))
    most_confident = np.argsort(-predictions.confidence)[:90]
    assert accuracy_at(predictions, ones, 0.15) == pytest.approx(
        predictions.right[most_confident].mean()
    )
    assert accuracy_at(predictions, ones, 1.0) == pytest.approx(predictions.right.mean())


def test_certain_and_always_right_is_calibrated_and_always_wrong_is_not():
    certain = np.eye(10)[np.arange(50) % 10]
    ones = np.ones(50)
    assert calibration_error(Predictions(np.arange(50) % 10, certain), ones) == pytest.approx(0)
    assert calibration_error(Predictions((np.arange(50) + 1) % 10, certain), ones) == pytest.approx(
        1
    )


def test_the_calibration_error_is_the_mean_gap_of_the_bins():
    probabilities = np.full((4, 10), 0.0)
    probabilities[:, 0] = [0.50, 0.52, 0.90, 0.92]
    probabilities[:, 1] = 1 - probabilities[:, 0]
    predictions = Predictions(np.array([0, 5, 0, 0]), probabilities)
    # Bins of a fifteenth: {0.50, 0.52} is right once in two, {0.90, 0.92} always.
    assert calibration_error(predictions, np.ones(4)) == pytest.approx((2 * 0.01 + 2 * 0.09) / 4)
    apart = SimpleNamespace(groups=np.arange(4), repeats=np.zeros(4))
    assert reliability(predictions.confidence, predictions.right, apart, seed=0, resamples=200) == [
        {"pictures": 2, "confidence": 0.51, "accuracy": 0.5, "interval": [0, 1]},
        {"pictures": 2, "confidence": 0.91, "accuracy": 1.0, "interval": [0.1581, 1]},
    ]
