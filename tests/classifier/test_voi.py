"""Curves from stored values to greys: the formulas of PS3.3 C.11.2, and the tables that devices write."""

import numpy as np
import pytest

from classifier.dicom_header import Header
from classifier.voi import Curve, curves, shows_something, window
from tests.classifier.drawn_dicom import curve, lut

LEVELS = np.arange(4096, dtype=np.float64)


def header(**values):
    from pydicom import Dataset

    data_set = Dataset()
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return Header(data_set)


def only(**values) -> Curve:
    (found,) = curves(header(**values), LEVELS)
    return found


@pytest.mark.parametrize(
    ("level", "grey"),
    # PS3.3 C.11.2.1.2.1, note 2: centre 2048 and width 4096 map 0 to black and 4095 to white.
    [(0, 0.0), (1, 1 / 4095), (2047.5, 0.5), (4094, 4094 / 4095), (4095, 1.0), (60000, 1.0)],
)
def test_linear_is_the_function_of_the_standard(level, grey):
    assert window(np.array([level]), 2048, 4096)[0] == pytest.approx(grey, abs=1e-6)


@pytest.mark.parametrize(("level", "grey"), [(0, 0.0), (100, 0.0), (150, 0.5), (200, 1.0)])
def test_linear_exact_is_the_function_of_the_standard(level, grey):
    assert window(np.array([level]), 150, 100, "LINEAR_EXACT")[0] == grey


@pytest.mark.parametrize(
    ("level", "grey"), [(150, 0.5), (200, 1 / (1 + np.exp(-2))), (-1e9, 0), (1e9, 1)]
)
def test_sigmoid_is_the_function_of_the_standard(level, grey):
    assert window(np.array([level]), 150, 100, "SIGMOID")[0] == pytest.approx(grey, abs=1e-6)


def test_a_window_of_width_one_is_a_threshold():
    assert window(np.array([1999, 2000, 2001.0]), 2000.5, 1).tolist() == [0, 0.5, 1]


def test_a_window_narrower_than_one_covers_its_range():
    """A rescale of 0.0001 makes a window of 0.4 of all values: LINEAR would make a threshold of it."""
    levels = LEVELS * 0.0001
    grey = window(levels, 0.2048, 0.4096)
    assert np.allclose(grey[[0, 2048, 4095]], [0, 0.5, 1], atol=0.001)


def test_tables_come_before_windows_and_each_keeps_its_name():
    found = curves(
        header(
            VOILUTSequence=[lut(curve(), name="HARD"), lut(curve(), name="SOFT")],
            WindowCenter=["1000", "2000"],
            WindowWidth=["500", "700"],
            WindowCenterWidthExplanation=["ONE", "TWO"],
        ),
        LEVELS,
    )
    assert [(one.name, one.window) for one in found] == [
        ("HARD", None),
        ("SOFT", None),
        ("ONE", (1000.0, 500.0)),
        ("TWO", (2000.0, 700.0)),
    ]


@pytest.mark.parametrize(
    "window_of",
    [
        {"WindowCenter": "2000"},
        {"WindowCenter": "2000", "WindowWidth": "0"},
        {"WindowCenter": "2000", "WindowWidth": "-5"},
        {"VOILUTSequence": []},
        {"VOILUTSequence": [lut(np.zeros(0))]},
    ],
)
def test_what_is_no_curve_is_none(window_of):
    assert curves(header(**window_of), LEVELS) == []


def test_a_table_that_lacks_most_entries_gives_way_to_the_window():
    """As after a repair of the file: 4,096 announced and 100 there would show one grey."""
    table = lut(curve())
    table.LUTData = table.LUTData[:200]
    found = curves(header(VOILUTSequence=[table], WindowCenter="1000", WindowWidth="500"), LEVELS)
    assert [one.window for one in found] == [(1000.0, 500.0)]


def test_a_table_that_lacks_its_last_entries_counts():
    table = lut(curve())
    table.LUTData = table.LUTData[:-20]
    assert only(VOILUTSequence=[table]).window is None


def test_entries_that_use_few_of_the_bits_are_not_shown_dark():
    """Some devices write 16 bits as the depth of every table."""
    assert only(VOILUTSequence=[lut(curve(bits=10), bits=16)]).grey.max() > 0.99


def test_entries_of_eight_bits_may_be_packed_by_twos():
    item = lut(curve(bits=8), bits=8)
    item.LUTData = curve(bits=8).astype(np.uint8).tobytes()
    packed = only(VOILUTSequence=[item]).grey
    assert np.array_equal(packed, only(VOILUTSequence=[lut(curve(bits=8), bits=8)]).grey)


def test_values_beside_a_table_get_its_nearest_entry():
    grey = only(VOILUTSequence=[lut(np.array([100, 4095]), 2000, 12)]).grey
    assert grey[[0, 2000, 2001, 4095]] * 4095 == pytest.approx([100, 100, 4095, 4095])


@pytest.mark.parametrize(
    ("center", "width", "shows"),
    [(1000, 500, True), (3000, 1, False), (-500, 100, False), (1000, 1, True), (128, 256, False)],
)
def test_a_window_beside_all_values_shows_nothing(center, width, shows):
    histogram = np.zeros(4096)
    histogram[900:1100] = 10
    found = Curve(window(LEVELS, center, width), "")
    assert shows_something(found, histogram) is shows
