"""Outside a shutter: black on the screen, and nothing that a network reads or a percentile counts."""

import numpy as np
import pytest

from classifier.display import shown
from tests import pictures
from tests.classifier.drawn_dicom import elements, overlay
from tests.classifier.test_radiograph import read

FILM = pictures.pixels(120, 160, bits=12)
BORDER = np.ones(FILM.shape, bool)
BORDER[15:-15, 20:-20] = False


def seen(found):
    return shown(found.pixels, found.bits, found.display).astype(int)


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
