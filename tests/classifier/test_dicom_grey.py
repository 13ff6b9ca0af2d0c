"""How a header wants a picture shown: which curve counts, and what is done where none shows anything."""

import numpy as np
import pytest

from classifier.aspect import credible, square_shape
from classifier.display import shown
from classifier.rendition import read_rendition, render
from tests import pictures
from tests.classifier.drawn_dicom import curve, elements, embedded_overlay, lut, overlay
from tests.classifier.test_radiograph import read
from tests.classifier.test_rendition import size_of

FILM = pictures.pixels(120, 160, bits=12)
BESIDE = {"WindowCenter": "60000", "WindowWidth": "10"}
MARK = np.zeros((40, 60), bool)
MARK[5:30, 10:50] = True


def display_of(**header):
    return read(pictures.dicom(FILM, **header)).display


@pytest.mark.parametrize(
    ("header", "by", "windows"),
    [
        ({}, "values", []),
        ({"WindowCenter": "2000", "WindowWidth": "900"}, "window", [(2000, 900)]),
        ({"VOILUTSequence": [lut(curve(), bits=12)]}, "table", [None]),
        (BESIDE, "values_beside_window", []),
        ({"VOILUTSequence": [lut(np.full(9, 7), 5000, 12)]}, "values_beside_window", []),
        # The first one that shows something is the default; the others are offered, each once.
        (
            {
                "WindowCenter": ["60000", "1000", "2000", "1000"],
                "WindowWidth": ["9", "8", "9", "8"],
            },
            "window",
            [(1000, 8), (2000, 9)],
        ),
    ],
)
def test_the_header_s_first_curve_that_shows_something_counts(header, by, windows):
    found = display_of(**header)
    assert (found.by, [table.window for table in found.tables]) == (by, windows)


def test_a_picture_whose_window_lies_beside_it_is_not_blank():
    found = read(pictures.dicom(FILM, **BESIDE))
    plain = read(pictures.dicom(FILM))
    greys = [shown(one.pixels, one.bits, one.display) for one in (found, plain)]
    assert np.array_equal(*greys)
    assert greys[0].std() > 40


@pytest.mark.parametrize(
    "header",
    [
        {"WindowCenter": "", "WindowWidth": ""},
        {"WindowCenter": "2000", "WindowWidth": "0"},
        {"WindowCenter": "0.2", "WindowWidth": "0.5", "RescaleSlope": "0.0002"},
    ],
)
def test_a_tiny_window_makes_no_black_picture(header):
    found = read(pictures.dicom(FILM, **header))
    assert shown(found.pixels, found.bits, found.display).std() > 40


def test_a_name_of_a_curve_that_names_the_patient_is_left_out():
    tables = [lut(curve(), name="Synthetic NOBODY"), lut(4095 - curve(), name="HARD")]
    assert [table.name for table in display_of(VOILUTSequence=tables).tables] == ["", "HARD"]


def test_an_overlay_is_shown_and_never_read():
    found = read(pictures.dicom(FILM, **elements(overlay(MARK, (20, 30)))))
    assert np.array_equal(found.pixels >> 4, FILM)
    assert np.array_equal(found.display.overlay[19:59, 29:89], MARK)
    assert found.display.overlay.sum() == MARK.sum()


@pytest.mark.parametrize("signed", [False, True])
def test_an_overlay_in_free_bits_is_shown_and_never_read(signed):
    stored = FILM.astype(np.int16) - 2048 if signed else FILM
    mark = np.zeros(FILM.shape, bool)
    mark[20:50, 30:90] = True
    raw = (stored.view(np.uint16) & 0x0FFF) | (mark.astype(np.uint16) << 14)
    data = pictures.dicom(raw.view(stored.dtype), 12, **elements(embedded_overlay(FILM.shape, 14)))
    found = read(data)
    assert np.array_equal(found.pixels >> 4, FILM)
    assert np.array_equal(found.display.overlay, mark)


@pytest.mark.parametrize(
    "wrong",
    [
        overlay(MARK)[:-1],  # no data
        [one for one in overlay(MARK) if one.tag.element != 0x0010],  # no rows
        overlay(MARK, (5000, 5000)),  # beside the picture
        embedded_overlay(FILM.shape, 3),  # in the bits of the picture
    ],
)
def test_an_overlay_that_can_t_be_drawn_costs_nothing(wrong):
    found = read(pictures.dicom(FILM, **elements(wrong)))
    assert found.display.overlay is None
    assert np.array_equal(found.pixels >> 4, FILM)


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
def test_a_table_with_more_bits_than_it_says_keeps_its_brightest_values(keyword):
    said, whole = (
        read(pictures.dicom(FILM, **{keyword: [lut(curve(), bits=bits)]})) for bits in (10, 12)
    )
    assert np.array_equal(said.pixels, whole.pixels)
    greys = [shown(one.pixels, one.bits, one.display) for one in (said, whole)]
    assert np.array_equal(*greys)


@pytest.mark.parametrize(
    ("header", "aspect"),
    [
        ({}, 1.0),
        ({"PixelSpacing": ["0.2", "0.1"]}, 2.0),
        ({"ImagerPixelSpacing": ["0.1", "0.2"]}, 0.5),
        ({"NominalScannedPixelSpacing": ["0.3", "0.2"]}, 1.5),
        ({"PixelAspectRatio": ["4", "3"]}, 4 / 3),
        ({"PixelSpacing": ["0.1", "0.1"], "PixelAspectRatio": ["2", "1"]}, 1.0),
        ({"PixelSpacing": ["0.1001", "0.1"]}, 1.0),
        ({"PixelSpacing": ["100", "0.1"]}, 1.0),
        ({"PixelSpacing": ["0", "0.1"]}, 1.0),
    ],
)
def test_the_aspect_is_height_over_width_of_a_pixel(header, aspect):
    assert read(pictures.dicom(FILM, **header)).aspect == pytest.approx(aspect)


@pytest.mark.parametrize(("spacing", "shape"), [((0.2, 0.1), (240, 160)), ((0.1, 0.2), (120, 320))])
def test_everything_that_is_looked_at_has_square_pixels_and_the_rendition_the_file_s(
    spacing, shape
):
    found = read(pictures.dicom(FILM, PixelSpacing=list(map(str, spacing))))
    rendered = render(found)
    assert read_rendition(rendered.rendition).shape == (120, 160)
    assert size_of(rendered.display) == shape[::-1]
    assert found.square.shape == shape
    assert np.array_equal(found.pixels >> 4, FILM)
    # The same picture, only wider: its greys stay where they are, as fractions of the sides.
    again = found.square[:: shape[0] // 120, :: shape[1] // 160]
    assert np.abs(again.astype(int) - found.pixels).mean() < 0.02 * 65535


@pytest.mark.parametrize("ratio", [0.1, 1.005, 1.0, 7])
def test_an_incredible_aspect_is_square(ratio):
    assert credible(ratio) == 1.0


def test_the_side_of_the_coarser_pixels_becomes_longer():
    assert square_shape(100, 50, 2) == (200, 50)
    assert square_shape(100, 50, 0.5) == (100, 100)
