"""FROC, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.evaluation.detector.tables import drawn_detector
from training.evaluation.detector.ranked import RankedCandidates
from training.evaluation.detector.scores import Candidates, DetectorScores


def scores(true: list[tuple[int, int, int]], rows: list[tuple]) -> DetectorScores:
    """``true``: boxes a size class of each picture; a row: picture, rank, heat, hit, overlap, size."""
    pictures, ranks, heats, hits, overlaps, sizes = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    few = drawn_detector(100)
    few = few.where(np.arange(len(few)) < len(true))
    return replace(
        few,
        boxes=np.array(true),
        candidates=Candidates(pictures, ranks, heats.astype(float), hits, overlaps, sizes),
    )


# Two pictures with three boxes, two without. The hottest is false, then two hits on one box, a false box, …
ROWS = [
    (2, 0, 5.0, -1, 0.0, -1),
    (0, 0, 4.0, 0, 0.8, 0),
    (0, 1, 3.0, 0, 0.2, 0),
    (1, 0, 2.0, 0, 0.4, 2),
    (3, 0, 1.0, -1, 0.0, -1),
    (2, 1, 0.5, -1, 0.0, -1),
    (0, 2, 0.0, 1, 0.6, 1),
    (1, 1, -1.0, -1, 0.0, -1),
]
TRUE = [(1, 1, 0), (0, 0, 1), (0, 0, 0), (0, 0, 0)]
ONCE = np.ones(4)


def sensitivity(ranked, false_boxes):
    return np.interp(false_boxes, *ranked.curve(ONCE))


@pytest.fixture
def ranked():
    return RankedCandidates.of(scores(TRUE, ROWS))


def test_the_curve_counts_each_box_once_and_a_repetition_not_at_all(ranked):
    false, found = ranked.curve(ONCE)
    assert false.tolist() == pytest.approx([0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.75, 0.75, 1.0])
    assert found.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3, 1, 1])


@pytest.mark.parametrize(
    ("false_boxes", "share"), [(0.0, 0), (0.25, 2 / 3), (0.5, 2 / 3), (0.8, 1), (1, 1), (9, 1)]
)
def test_the_sensitivity_at_so_many_false_boxes(ranked, false_boxes, share):
    assert sensitivity(ranked, false_boxes) == pytest.approx(share)


def test_candidates_as_hot_as_each_other_are_taken_together():
    rows = [(picture, rank, 1.0, *rest) for picture, rank, _, *rest in ROWS]
    false, found = RankedCandidates.of(scores(TRUE, rows)).curve(ONCE)
    assert set(zip(false, found, strict=True)) == {(0.0, 0.0), (1.0, 1.0)}


def test_a_picture_that_is_drawn_twice_counts_twice(ranked):
    """Without the two healthy ones: one false box on two pictures, and two boxes counted twice."""
    weights = np.array([2.0, 1.0, 0.0, 0.0])
    false, found = ranked.curve(weights)
    assert false[-1] == pytest.approx(1 / 3)
    assert found.tolist()[4] == pytest.approx(3 / 5)


def test_sizes_and_fit_are_of_the_candidates_that_are_taken(ranked):
    assert ranked.by_size(ONCE, 0.25) == {"small": 1.0, "medium": 0.0, "large": 1.0}
    assert ranked.by_size(ONCE, 1.0) == {"small": 1.0, "medium": 1.0, "large": 1.0}
    assert ranked.mean_overlap(ONCE, 0.25) == pytest.approx((0.8 + 0.4) / 2)
    assert ranked.mean_overlap(ONCE, 0.0) is None
    assert ranked.heat_at(ONCE, 0.25) == 2.0
    assert ranked.heat_at(ONCE, 0.5) == 1.0


def test_where_no_candidate_is_on_a_break_nothing_is_found():
    rows = [(*row[:3], -1, 0.0, -1) for row in ROWS]
    ranked = RankedCandidates.of(scores(TRUE, rows))
    assert sensitivity(ranked, 1.0) == 0
    assert ranked.mean_overlap(ONCE, 9.0) is None
    assert ranked.by_size(ONCE, 1.0) == {"small": 0.0, "medium": 0.0, "large": 0.0}


def test_without_a_candidate_nothing_is_found_and_nothing_fails():
    some = scores(TRUE, ROWS)
    ranked = RankedCandidates.of(replace(some, candidates=Candidates.none()))
    assert sensitivity(ranked, 1.0) == 0
    assert ranked.heat_at(ONCE, 1.0) == 0
    assert ranked.by_size(ONCE, 1.0)["small"] == 0
