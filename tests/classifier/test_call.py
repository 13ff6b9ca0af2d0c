"""The three-state call, the refusal, and the order in which words, pixels and look are asked."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.assessability import (
    KINDS,
    AssessabilityRule,
    deviation_of,
    is_flat,
    non_radiograph_log_odds,
)
from classifier.call import CallRule, OperatingPoints
from classifier.classify import Classifier
from classifier.engines import Scores
from classifier.indications import OutsideIndications
from classifier.radiograph import Radiograph
from classifier.reasons import NOT_ASSESSABLE

RULE = CallRule(2.0, -1.0, 0.2, 0.7)


def test_a_probability_is_the_logistic_of_the_calibrated_score():
    assert RULE.probability(0.5) == pytest.approx(0.5)
    assert RULE.probability(1.5) == pytest.approx(1 / (1 + np.exp(-2)))
    assert 0 <= RULE.probability(-1e9) < RULE.probability(1e9) <= 1


@pytest.mark.parametrize(
    ("probability", "call"),
    [(0.0, "negative"), (0.19, "negative"), (0.2, "doubt"), (0.69, "doubt"), (0.7, "positive")],
)
def test_the_call_turns_at_its_operating_points(probability, call):
    assert RULE.call(probability) == call


def test_a_sites_own_points_take_the_place_of_the_releases_and_leave_the_probability():
    own = RULE.at(OperatingPoints(0.05, 0.1))
    assert own.call(0.15) == "positive"
    assert RULE.call(0.15) == "negative"
    assert own.probability(0.7) == RULE.probability(0.7)
    assert RULE.at(None) == RULE


@pytest.mark.parametrize(
    "points", [(0.5, 0.4), (-0.1, 0.4), (0.1, 1.1), (float("nan"), 0.5), (0.1, float("nan"))]
)
def test_points_that_are_no_points_are_refused(points):
    with pytest.raises(ValueError, match="operating points"):
        OperatingPoints(*points)


@pytest.mark.parametrize(
    "rule",
    [
        *((1.0, 0.0, 0.9, 0.1), (1.0, 0.0, -3, 7), (1.0, 0.0, 0.2, float("nan"))),
        *((0.0, 0.0, 0.2, 0.7), (-1.0, 0.0, 0.2, 0.7), (float("inf"), 0.0, 0.2, 0.7)),
        *((float("nan"), 0.0, 0.2, 0.7), (1.0, float("-inf"), 0.2, 0.7)),
    ],
)
def test_a_rule_that_can_call_nothing_sensible_is_refused(rule):
    with pytest.raises(ValueError, match=r"call: a slope|operating points"):
        CallRule(*rule)


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), float("-inf")])
def test_a_refusal_of_everything_or_nothing_is_refused(threshold):
    with pytest.raises(ValueError, match="finite threshold"):
        AssessabilityRule(threshold)


def test_the_odds_are_of_any_foreign_kind_against_bone():
    scores = np.random.default_rng(0).normal(size=(5, len(KINDS)))
    shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    expected = np.log((1 - shares[:, 0]) / shares[:, 0])
    assert np.allclose(non_radiograph_log_odds(scores), expected)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_likeliest_foreign_kind_is_named_and_has_a_reason(kind):
    scores = np.zeros(len(KINDS))
    scores[KINDS.index(kind)] = 4
    assert AssessabilityRule(3.0).non_radiograph_kind(scores) == kind
    assert AssessabilityRule(9.0).non_radiograph_kind(scores) is None
    assert NOT_ASSESSABLE[kind].endswith(".")


def test_one_grey_is_no_picture_and_faint_bone_is_one():
    assert is_flat(deviation_of(np.full((50, 40), 120, np.uint8)))
    assert is_flat(deviation_of(np.full((50, 40), 40_000, np.uint16)))
    faint = np.full((50, 40), 120, np.uint8)
    faint[:, 15:25] = 130
    assert not is_flat(deviation_of(faint))
    assert not is_flat(
        deviation_of(faint.astype(np.uint16) * 8)
    )  # of sixteen bits a file may use eleven
    assert is_flat(deviation_of(np.zeros((50, 40), np.uint16)))


class Said:
    """An engine that says what it is told to."""

    head_weights = np.zeros((10, 4), np.float32)

    def __init__(self, fracture: float, kinds: list[float]) -> None:
        self.fracture, self.kinds = fracture, kinds

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        n = len(batch)
        return Scores(
            np.zeros((n, 10), np.float32),
            np.zeros((n, 4, 7, 7), np.float32),
            np.full(n, self.fracture),
            np.tile(self.kinds, (n, 1)),
        )


def finding(release, radiograph, fracture=0.0, kinds=(9, 0, 0, 0, 0, 0)):
    classifier = Classifier.__new__(Classifier)
    classifier.release = replace(release, call=RULE, assessability=AssessabilityRule(0.0))
    classifier._engine = Said(fracture, list(kinds))
    (found,) = classifier.classify([radiograph])
    return found


@pytest.fixture
def picture():
    return Radiograph(np.random.default_rng(0).integers(0, 255, (140, 100), np.uint8), 8, "png")


def test_a_bone_radiograph_gets_probability_and_call(release, picture):
    found = finding(release, picture, fracture=3.0)
    assert (found.assessable, found.reason, found.call) == (True, None, "positive")
    assert found.fracture_probability == pytest.approx(RULE.probability(3.0))
    assert finding(release, picture, fracture=-3.0).call == "negative"


def test_each_picture_is_called_by_its_own_sites_points(release, picture):
    points = [None, OperatingPoints(0.0, 0.001), OperatingPoints(0.999, 1.0)]
    classifier = Classifier.__new__(Classifier)
    classifier.release = replace(release, call=RULE, assessability=AssessabilityRule(0.0))
    classifier._engine = Said(0.6, [9, 0, 0, 0, 0, 0])
    found = classifier.classify([picture] * 3, points)
    assert [finding.call for finding in found] == ["doubt", "positive", "negative"]
    assert len({finding.fracture_probability for finding in found}) == 1
    # The finding says itself what it was called at, so that nobody has to find it out again.
    assert [finding.points for finding in found] == [RULE.points, *points[1:]]
    with pytest.raises(ValueError, match="zip"):
        classifier.classify([picture] * 3, points[:2])


def test_what_looks_foreign_is_refused_and_keeps_its_probabilities(release, picture):
    found = finding(release, picture, fracture=3.0, kinds=(0, 0, 0, 5, 0, 0))
    assert (found.assessable, found.reason) == (False, NOT_ASSESSABLE["photograph"])
    assert found.call is None
    assert len(found.probabilities) == 10


def test_a_thumbnail_is_refused_whatever_it_looks_like(release, picture):
    small = replace(picture, pixels=picture.pixels[:95, :95])
    assert finding(release, small).reason == NOT_ASSESSABLE["small"]
    assert finding(release, replace(picture, pixels=picture.pixels[:96, :32])).assessable


@pytest.mark.parametrize("shape", [(1, 900), (2, 900), (31, 900), (900, 1), (96, 31)])
def test_a_strip_is_refused_however_long(release, picture, shape):
    noise = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    assert finding(release, replace(picture, pixels=noise)).reason == NOT_ASSESSABLE["narrow"]
    found = finding(release, replace(picture, pixels=np.resize(noise, (32, 900))))
    assert found.assessable  # as narrow as that may be a finger


def test_what_header_or_sender_exclude_never_reaches_the_network(release, picture):
    classifier = Classifier.__new__(Classifier)
    classifier.release, classifier._engine = release, None  # running it would fail
    ct = replace(picture, modality="CT")
    chest = replace(picture, modality="DX", tags={"body_part": "CHEST"})
    told = replace(picture, sender={"body_part": "CHEST"})
    for excluded in (ct, chest, told):
        with pytest.raises(OutsideIndications, match="The model is not for"):
            classifier.classify([picture, excluded])


def test_a_blank_picture_is_refused_whatever_it_looks_like(release, picture):
    flat = replace(picture, pixels=np.full((140, 100), 90, np.uint8))
    assert finding(release, flat).reason == NOT_ASSESSABLE["blank"]
