"""From the detector's maps to boxes, a focus and a map within the picture, whatever the maps hold."""

import numpy as np
import pytest

from classifier.boxes import Box, BoxRule, Point
from classifier.peaks import boxes_of, focus_of, fracture_map_of, inside, peaks_of
from classifier.preprocess import placement

SIZE, CELLS = 448, 56
RULE = BoxRule(slope=1.0, intercept=0.0, overlap=0.3, score_from=0.3, most=5)
SHAPES = [
    (448, 448),
    (900, 700),
    (300, 1000),
    (3000, 100),
    (100, 3000),
    (1, 900),
    (900, 1),
    (96, 96),
]


def flat(value: float = -6.0) -> np.ndarray:
    return np.full((CELLS, CELLS), value, np.float32)


def around(cells: float = 2.0) -> np.ndarray:
    return np.full((4, CELLS, CELLS), cells, np.float32)


def boxes(heat, extent, shape=(448, 448), rule=RULE) -> tuple[Box, ...]:
    return boxes_of(heat, extent, placement(*shape, SIZE), SIZE, rule)


def test_a_peak_becomes_a_box_of_its_extents_in_fractions_of_the_picture():
    heat, extent = flat(), around()
    heat[10, 20] = 2.0
    extent[:, 10, 20] = 1, 2, 3, 4  # cells to left, top, right, bottom
    (box, *_) = boxes(heat, extent)
    middle_x, middle_y = 20.5 / CELLS, 10.5 / CELLS
    assert box.x == pytest.approx(middle_x - 1 / CELLS, abs=2e-4)
    assert box.y == pytest.approx(middle_y - 2 / CELLS, abs=2e-4)
    assert box.width == pytest.approx(4 / CELLS, abs=3e-4)
    assert box.height == pytest.approx(6 / CELLS, abs=3e-4)
    assert box.score == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-4)
    focus = focus_of(heat, placement(448, 448, SIZE), SIZE)
    assert (focus.x, focus.y) == pytest.approx((middle_x, middle_y), abs=1e-4)


def test_fractions_are_of_the_picture_and_not_of_the_letterbox():
    """A picture twice as high as wide fills the middle half: column 28 is the picture's middle."""
    heat, extent = flat(), around(1.0)
    heat[28, 28] = 3.0
    (box, *_) = boxes(heat, extent, (800, 400))
    assert box.x + box.width / 2 == pytest.approx((28.5 * 8 - 112) / 224, abs=1e-3)
    assert box.width == pytest.approx(2 * 8 / 224, abs=1e-3)
    assert box.height == pytest.approx(2 * 8 / 448, abs=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_found_in_the_letterboxs_bars(shape):
    """The bars are hotter than anything in the picture."""
    place = placement(*shape, SIZE)
    rows, columns = inside((CELLS, CELLS), place, SIZE)
    heat = flat(50.0)
    heat[rows, columns] = -3.0
    row, column = (rows.start + rows.stop) // 2, (columns.start + columns.stop) // 2
    row, column = min(row, rows.stop - 1), min(column, columns.stop - 1)
    heat[row, column] = 1.0
    peaks = peaks_of(heat, around(), place, SIZE, 0.3, 5)
    assert peaks[0].heat == 1.0
    assert all(peak.heat < 50 for peak in peaks)
    assert focus_of(heat, place, SIZE) == peaks[0].point
    assert fracture_map_of(heat, place, SIZE, RULE).max() <= RULE.probability(1.0) + 1e-6


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_maps_hold_boxes_lie_within_the_picture_and_are_not_empty(shape, seed):
    rng = np.random.default_rng(seed)
    heat = rng.normal(0, 5, (CELLS, CELLS)).astype(np.float32)
    extent = np.exp(rng.uniform(-9, 5, (4, CELLS, CELLS))).astype(np.float32)
    found = boxes(heat, extent, shape)
    assert 1 <= len(found) <= RULE.most
    for box in found:
        assert 0 <= box.x < box.x + box.width <= 1
        assert 0 <= box.y < box.y + box.height <= 1
        assert 0 <= box.score <= 1
    assert [box.score for box in found] == sorted((box.score for box in found), reverse=True)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, -5.0, 1e30])
@pytest.mark.parametrize("shape", [(448, 448), (30, 900)])
def test_maps_that_are_no_numbers_still_give_a_box_and_a_point(bad, shape):
    place = placement(*shape, SIZE)
    for heat, extent in ((flat(bad), around()), (flat(), around(bad)), (flat(bad), around(bad))):
        found = boxes(heat, extent, shape)
        assert found
        told = [value for box in found for value in vars(box).values()]
        assert np.isfinite(told).all()
        assert all(box.width > 0 and box.height > 0 for box in found)
        focus = focus_of(heat, place, SIZE)
        assert 0 <= focus.x <= 1
        assert 0 <= focus.y <= 1


def test_a_number_that_is_none_is_seen_in_the_map():
    """So that the trial of a release finds it."""
    assert np.isnan(fracture_map_of(flat(np.nan), placement(9, 9, SIZE), SIZE, RULE)).all()


@pytest.mark.parametrize("cells", [1, 2, 7])
def test_a_tiny_map_has_a_peak(cells):
    heat, extent = np.zeros((cells, cells)), np.ones((4, cells, cells))
    for shape in SHAPES:
        place = placement(*shape, SIZE)
        assert boxes_of(heat, extent, place, SIZE, RULE)
        assert isinstance(focus_of(heat, place, SIZE), Point)
        assert max(fracture_map_of(heat, place, SIZE, RULE).shape) == 56


def test_of_two_boxes_on_one_break_the_better_stays():
    heat, extent = flat(), around(3.0)
    heat[20, 20], heat[20, 22], heat[40, 40] = 3.0, 2.0, 1.0
    scores = [box.score for box in boxes(heat, extent)]
    assert scores == pytest.approx(RULE.probability(np.array([3.0, 1.0])), abs=1e-4)


def test_a_small_box_within_a_better_one_is_on_the_same_break():
    heat, extent = flat(), around(8.0)
    heat[20, 20], heat[20, 24] = 3.0, 2.0
    extent[:, 20, 24] = (
        1.0  # a 64th of the other's area, so that they hardly overlap by their union
    )
    assert len(boxes(heat, extent)) == 1


def test_weak_boxes_are_left_out_but_for_the_best():
    heat, extent = flat(-5.0), around()
    heat[10, 10], heat[40, 40] = -2.0, -3.0
    (only,) = boxes(heat, extent)
    assert only.score == pytest.approx(float(RULE.probability(-2.0)), abs=1e-4)


def test_no_more_boxes_than_the_rule_allows():
    heat, extent = flat(), around(0.5)
    heat[4::8, 4::8] = 3.0
    assert len(boxes(heat, extent)) == 5


@pytest.mark.parametrize("shape", SHAPES)
def test_the_map_spans_exactly_the_picture(shape):
    place = placement(*shape, SIZE)
    shown = fracture_map_of(flat(0.0), place, SIZE, RULE)
    longer = max(shape)
    assert shown.shape == tuple(max(1, round(56 * side / longer)) for side in shape)
    assert shown.dtype == np.float32
    assert shown == pytest.approx(0.5)


@pytest.mark.parametrize(
    "wrong", [{"most": 0}, {"most": 2.5}, {"overlap": 1.5}, {"score_from": -0.1}]
)
def test_a_rule_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="boxes"):
        BoxRule(**{**vars(RULE), **wrong})
