"""Does a candidate find a break? Counted by hand."""

import numpy as np
import pytest

from classifier.boxes import Point
from classifier.peaks import Peak
from tests.training.evaluation.detector.parts import held
from training.evaluation.detector.outcomes import (
    SIZES,
    focus_in_box,
    hits_of,
    holding,
    matched,
    size_classes,
)


def peak(x: float, y: float, heat: float = 0.0, half: float = 0.05) -> Peak:
    return Peak(heat, Point(x, y), (x - half, y - half, x + half, y + half))


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, float).reshape(-1, 4)


def found(peaks, true) -> list[int]:
    return [hit.box for hit in matched(peaks, true, np.zeros(len(true), int))]


@pytest.mark.parametrize(
    ("x", "inside"), [(0.5, True), (0.371, True), (0.369, False), (0.629, True), (0.631, False)]
)
def test_a_box_holds_what_lies_within_fifteen_per_cent_of_its_side(x, inside):
    """From 0.4 to 0.6, with 0.03 more on either side."""
    assert holding(boxes((0.4, 0.45, 0.2, 0.1)), Point(x, 0.5)).tolist() == [inside]


def test_a_box_found_twice_is_found_once_and_the_second_is_no_false_box():
    true = boxes((0.4, 0.4, 0.2, 0.2))
    assert found([peak(0.5, 0.5), peak(0.55, 0.5), peak(0.9, 0.9)], true) == [0, 0, -1]


def test_a_candidate_in_two_boxes_takes_the_one_that_is_not_found_yet():
    true = boxes((0.4, 0.4, 0.2, 0.2), (0.45, 0.4, 0.2, 0.2))
    assert found([peak(0.5, 0.5), peak(0.5, 0.5)], true) == [0, 1]
    assert found([peak(0.55, 0.5), peak(0.5, 0.5)], true) == [1, 0]


def test_without_true_boxes_every_candidate_misses():
    assert found([peak(0.5, 0.5), peak(0.1, 0.1)], boxes()) == [-1, -1]


def test_the_overlap_is_that_with_the_box_itself_not_with_its_margin():
    (hit,) = matched([peak(0.5, 0.5, half=0.1)], boxes((0.5, 0.4, 0.2, 0.2)), np.array([2]))
    assert hit.overlap == pytest.approx(0.02 / 0.06)
    assert hit.size == 2


def test_sizes_are_of_the_longer_side_and_not_of_the_box_s_shape():
    """On 400 × 200 pixels: a side of 16, 20, 39.9 and 40 pixels is 4, 5, 9.98 and 10 %."""
    true = boxes(*((0.1, 0.1, side / 400, side / 200) for side in (16, 20, 39.9, 40)))
    names = [SIZES[index] for index in size_classes(true, np.array([400, 200]))]
    assert names == ["small", "medium", "medium", "large"]
    flat = boxes((0.1, 0.1, 64 / 400, 4 / 200))  # as large as 16 × 16
    assert size_classes(flat, np.array([400, 200])).tolist() == [0]


def test_the_focus_is_looked_for_in_the_picture_and_not_in_the_bars(tmp_path):
    """The picture fills the rows 4 to 9 of 14; the hottest cell lies above it."""
    part = held(
        tmp_path,
        {
            "id": "a",
            "label": 1,
            "place": (32, 0, 48, 112),
            "boxes": [(0.4, 0.3, 0.2, 0.4)],
            "peaks": [(1, 2, 5.0, 1), (6, 7, 1.0, 1)],
        },
        {"id": "b", "label": 1, "boxes": [(0.0, 0.0, 0.1, 0.1)], "peaks": [(7, 7, 1.0, 1)]},
        {"id": "c", "label": 0, "peaks": [(7, 7, 1.0, 1)]},
    )
    assert [focus_in_box(part, picture) for picture in range(3)] == [1, 0, -1]


def test_candidates_come_from_the_maps_by_the_code_that_serves(tmp_path):
    part = held(
        tmp_path,
        {
            "id": "a",
            "label": 1,
            "boxes": [(0.1, 0.1, 0.2, 0.2)],
            "peaks": [(2, 2, 1.5, 1.5), (10, 10, 2.5, 1.5)],
        },
    )
    first, second = hits_of(part, 0)[:2]
    assert (first.heat, first.box, first.overlap, first.size) == (2.5, -1, 0.0, -1)
    assert (second.heat, second.box, SIZES[second.size]) == (1.5, 0, "large")
    side = 3 / 14  # of the candidate, about 2.5 / 14
    shared = min(0.3, 4 / 14) - max(0.1, 1 / 14)
    assert second.overlap == pytest.approx(shared**2 / (side**2 + 0.04 - shared**2), abs=1e-3)
