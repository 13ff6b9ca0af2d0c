"""What the released classifier says, and that both engines say it."""

import numpy as np
import pytest

from classifier.classify import Classifier, calibrated
from classifier.labels import CLASSES
from classifier.preprocess import network_input
from classifier.radiograph import Radiograph
from demo import drawings


@pytest.fixture(scope="module")
def findings(classifier, radiographs):
    return classifier.classify(radiographs)


@pytest.fixture(scope="module")
def torch_classifier(release):
    return Classifier(release.folder, "torch")


def test_the_classes_are_the_ten_in_alphabetical_order(release):
    assert CLASSES == tuple(sorted(CLASSES)) == release.labels
    assert len(CLASSES) == 10


def test_probabilities_are_of_all_classes_and_sum_to_one(findings):
    for finding in findings:
        assert tuple(finding.probabilities) == tuple(finding.scores) == CLASSES
        assert sum(finding.probabilities.values()) == pytest.approx(1, abs=1e-9)


def test_top_and_rival_are_the_two_most_probable(findings):
    for finding in findings:
        order = sorted(finding.probabilities, key=finding.probabilities.__getitem__, reverse=True)
        assert [finding.top_class, finding.rival_class] == order[:2]
        assert finding.confidence == finding.probabilities[order[0]]


def test_probabilities_are_the_scores_over_the_releases_temperature(findings, release):
    for finding in findings:
        weights = np.exp(np.array(list(finding.scores.values())) / release.temperature)
        assert list(finding.probabilities.values()) == pytest.approx(weights / weights.sum())


def test_a_higher_temperature_is_less_sure_and_keeps_the_order():
    logits = np.random.default_rng(0).normal(0, 3, (50, 10))
    cold, hot = calibrated(logits, 0.7), calibrated(logits, 2.0)
    assert (hot.max(1) < cold.max(1)).all()
    assert np.array_equal(np.argsort(hot), np.argsort(cold))


def test_the_set_is_what_the_releases_threshold_lets_in_and_never_empty(findings, release):
    for finding in findings:
        inside = {
            name for name, p in finding.probabilities.items() if p >= release.set_thresholds[name]
        }
        assert set(finding.prediction_set) == inside | {finding.top_class}
        shares = [finding.probabilities[name] for name in finding.prediction_set]
        assert shares == sorted(shares, reverse=True)


def test_the_engines_agree(plain_classifier, plain, radiographs):
    batch = np.stack([network_input(each.pixels, plain.preprocessing) for each in radiographs])
    torch_engine = Classifier(plain.folder, "torch")._engine
    found, reference = plain_classifier._engine.run(batch), torch_engine.run(batch)
    logits, features = found.logits, found.features
    reference_logits, reference_features = reference.logits, reference.features
    assert logits.shape == (3, 10)
    assert features.shape[0] == 3
    assert features.shape[2] == features.shape[3] == plain.preprocessing.size // 32
    assert np.abs(logits - reference_logits).max() < 1e-4
    # Of their range, 0..6: in float32 either engine is 1.1e-4 away from the same network in float64.
    assert np.abs(features - reference_features).max() < 1e-4 * np.abs(reference_features).max()
    assert np.array_equal(plain_classifier._engine.head_weights, torch_engine.head_weights)


def test_the_engines_show_the_same_maps(classifier, torch_classifier, radiographs):
    for one, other in zip(
        classifier.classify(radiographs), torch_classifier.classify(radiographs), strict=True
    ):
        assert one.top_class == other.top_class
        assert np.abs(one.activation_map - other.activation_map).max() < 1e-4
        assert np.abs(one.rival_activation_map - other.rival_activation_map).max() < 1e-4


def test_a_batch_says_what_each_picture_says_alone(classifier, radiographs, findings):
    for radiograph, together in zip(radiographs, findings, strict=True):
        (alone,) = classifier.classify([radiograph])
        assert alone.scores == pytest.approx(together.scores, abs=1e-4)
        assert alone.top_class == together.top_class


def test_no_pictures_no_findings(classifier):
    assert classifier.classify([]) == []


def test_sixteen_bits_say_what_eight_bits_say(classifier, radiographs):
    wide = [Radiograph(each.pixels.astype(np.uint16) << 8, 16, "dicom") for each in radiographs]
    for narrow, deep in zip(
        classifier.classify(radiographs), classifier.classify(wide), strict=True
    ):
        assert deep.scores == pytest.approx(narrow.scores, abs=1e-3)


@pytest.mark.parametrize("pixels", [np.zeros((40, 30), np.uint8), np.full((1, 900), 7, np.uint8)])
def test_an_empty_picture_still_gives_finite_numbers(classifier, pixels):
    (finding,) = classifier.classify([Radiograph(pixels, 8, "png")])
    assert np.isfinite(list(finding.scores.values())).all()
    assert np.isfinite(finding.activation_map).all()


def test_the_json_of_a_finding_holds_everything_but_maps_and_points(findings):
    answer = findings[0].as_json()
    left_out = {"activation_map", "rival_activation_map", "fracture_map", "points"}
    added = {"not_measured_for", "code", "reason"}
    assert set(answer) == set(vars(findings[0])) - left_out | added
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_release_without_a_detector_says_nothing_of_the_place(plain_classifier, radiographs):
    for finding in plain_classifier.classify(radiographs):
        assert (finding.boxes, finding.focus, finding.fracture_map) == (None, None, None)
        assert (finding.as_json()["boxes"], finding.as_json()["focus"]) == (None, None)


@pytest.mark.parametrize("label", drawings.LABELS)
def test_bones_that_callus_draws_are_no_foreign_pictures(classifier, label):
    """Most foreign pictures that the kinds head learns from are drawn too, and so is the demonstration."""
    pictures = [np.asarray(drawings.draw(label, seed, (450, 350))) for seed in (1, 2)]
    found = classifier.classify([Radiograph(pixels, 8, "png") for pixels in pictures])
    assert [finding.reason for finding in found] == [None, None]
