"""Padding and shutters: black on the screen, and nothing that a network reads or a percentile counts."""

import numpy as np
import pytest
from pydicom import DataElement

from classifier.display import shown
from tests import pictures
from tests.classifier.drawn_dicom import elements, overlay
from tests.classifier.test_radiograph import read

FILM = pictures.pixels(120, 160, bits=12)
BORDER = np.ones(FILM.shape, bool)
BORDER[15:-15, 20:-20] = False
INSIDE = ~BORDER


def bordered(value, film=FILM):
    return np.where(BORDER, film.dtype.type(value), film)


def seen(found):
    return shown(found.pixels, found.bits, found.display).astype(int)


def padding(value, limit=None):
    given = {"PixelPaddingValue": value, "PixelPaddingRangeLimit": limit}
    return {keyword: one for keyword, one in given.items() if one is not None}


SIGNED = FILM.astype(np.int16) - 2048
PADDED = {
    "value": (bordered(4095), padding(4095)),
    "range": (np.where(BORDER, 4095 - (FILM % 50), np.minimum(FILM, 4000)), padding(4040, 4095)),
    "range, limit first": (bordered(4095), padding(4095, 4090)),
    "signed": (bordered(-2048, np.maximum(SIGNED, -2000)), padding(-2048)),
    "white is zero": (
        np.where(BORDER, 0, 4095 - FILM).astype(np.uint16),
        {**padding(0), "PhotometricInterpretation": "MONOCHROME1"},
    ),
    "signed, written without its sign": (
        bordered(-2000, SIGNED),
        {"PixelPaddingValue": DataElement("PixelPaddingValue", "US", 63536)},
    ),
    "unsigned, written with a sign": (
        bordered(4095),
        {"PixelPaddingValue": DataElement("PixelPaddingValue", "SS", -1)},
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PADDED)
def test_padding_is_black_and_changes_nothing_inside(name):
    stored, header = PADDED[name]
    found = read(pictures.dicom(np.asarray(stored), **header))
    control = read(pictures.dicom(FILM[15:-15, 20:-20].copy()))  # without its border
    outside = found.display.outside
    assert outside[BORDER].all() and outside[INSIDE].mean() < 0.01
    assert (seen(found)[outside] == 0).all()
    assert np.abs(seen(found)[15:-15, 20:-20] - seen(control)).mean() < 2
    # What ``classifier.preprocess`` makes black and white.
    black, white = np.percentile(control.pixels, (0.5, 99.5))
    assert np.allclose(np.percentile(found.pixels, (0.5, 99.5)), (black, white), atol=1000)


@pytest.mark.parametrize("header", [padding(9), padding(0, 4095), {"PixelPaddingValue": ""}])
def test_padding_that_is_nowhere_or_everywhere_is_none(header):
    assert read(pictures.dicom(np.maximum(FILM, 10), **header)).display.outside is None


def test_a_single_dead_pixel_does_not_become_the_grey_of_the_padding():
    stored = bordered(4095, np.maximum(FILM, 1000))
    stored[40, 40] = 0
    found = read(pictures.dicom(stored, **padding(4095)))
    assert found.pixels[0, 0] >= 1000 << 4


def rectangle(edges):
    names = ("UpperHorizontal", "LowerHorizontal", "LeftVertical", "RightVertical")
    return {f"Shutter{name}Edge": str(edge) for name, edge in zip(names, edges, strict=True)}


def circle(row, column, radius):
    return {"CenterOfCircularShutter": [row, column], "RadiusOfCircularShutter": radius}


ROWS, COLUMNS = np.ogrid[1:121, 1:161]
SHUTTERS = {
    "rectangular": ({"ShutterShape": "RECTANGULAR", **rectangle((16, 105, 21, 140))}, BORDER),
    "circular": (
        {"ShutterShape": "CIRCULAR", **circle(60, 80, 50)},
        (ROWS - 60) ** 2 + (COLUMNS - 80) ** 2 > 2500,
    ),
    "polygonal": (
        {
            "ShutterShape": "POLYGONAL",
            "VerticesOfThePolygonalShutter": [16, 21, 16, 140, 105, 140, 105, 21],
        },
        BORDER,
    ),
    "bitmap": (
        {
            "ShutterShape": "BITMAP",
            "ShutterOverlayGroup": 0x6000,
            **elements(overlay(BORDER)),
        },
        BORDER,
    ),
    "two shapes": (
        {
            "ShutterShape": ["RECTANGULAR", "CIRCULAR"],
            **rectangle((1, 60, 1, 160)),
            **circle(60, 80, 50),
        },
        ((ROWS - 60) ** 2 + (COLUMNS - 80) ** 2 > 2500) | (ROWS > 60),
    ),
}


@pytest.mark.parametrize("window", [{}, {"WindowCenter": "2048", "WindowWidth": "4096"}])
@pytest.mark.parametrize("name", SHUTTERS)
def test_outside_a_shutter_is_black_and_not_read(name, window):
    header, outside = SHUTTERS[name]
    glare = np.where(outside, np.uint16(4095), np.minimum(FILM, 3000))
    found = read(pictures.dicom(glare, **header, **window))
    assert np.array_equal(found.display.outside, outside)
    assert found.display.overlay is None
    assert (seen(found)[outside] == 0).all()
    assert found.pixels.max() <= 3000 << 4
    assert np.array_equal(found.pixels[~outside], glare[~outside] << 4)


def test_a_circle_is_round_on_the_screen_where_pixels_are_not_square():
    header = {"ShutterShape": "CIRCULAR", **circle(60, 80, 50), "PixelAspectRatio": ["2", "1"]}
    inside = ~read(pictures.dicom(FILM, **header)).display.outside
    assert (inside.any(1).sum(), inside.any(0).sum()) == (51, 101)


@pytest.mark.parametrize(
    "header",
    [
        {"ShutterShape": "RECTANGULAR"},
        {"ShutterShape": "RECTANGULAR", **rectangle((500, 600, 500, 600))},
        {"ShutterShape": "CIRCULAR", **circle(60, 80, 0)},
        {"ShutterShape": "CIRCULAR", **circle(60, 80, 5000)},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 2, 3]},
        {"ShutterShape": "BITMAP", "ShutterOverlayGroup": 0x6002},
        {"ShutterShape": "STAR"},
    ],
)
def test_a_shutter_that_hides_everything_or_is_not_given_counts_as_none(header):
    assert read(pictures.dicom(FILM, **header)).display.outside is None


def test_a_shutter_of_a_colour_capture_is_black():
    grey = (FILM >> 4).astype(np.uint8)
    header, outside = SHUTTERS["rectangular"]
    capture = {"SOPClassUID": pictures.CAPTURE_CLASS, "Modality": "OT"}
    found = read(pictures.dicom(np.dstack([grey] * 3), 8, **capture, **header))
    assert (seen(found)[outside] == 0).all()
    assert np.abs(seen(found) - grey)[~outside].max() <= 1
