"""A radiograph's rendition has its exact pixels; display and thumbnail are windowed, smaller JPEG files."""

import io

import numpy as np
import pytest
from PIL import Image

from classifier.radiograph import Radiograph
from classifier.rendition import (
    DISPLAY_SIDE,
    THUMBNAIL_SIDE,
    read_rendition,
    render,
    windowed,
)


def picture(height, width, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top, (height, width), dtype, endpoint=True)


def radiograph(pixels, window=None):
    return Radiograph(pixels, pixels.dtype.itemsize * 8, "png", window=window)


def size_of(data):
    return Image.open(io.BytesIO(data)).size


@pytest.mark.parametrize(
    ("height", "width", "display"),
    [
        (DISPLAY_SIDE * 2, DISPLAY_SIDE, (DISPLAY_SIDE // 2, DISPLAY_SIDE)),
        (DISPLAY_SIDE // 2, DISPLAY_SIDE * 2, (DISPLAY_SIDE, DISPLAY_SIDE // 4)),
        (120, 90, (90, 120)),
    ],
)
def test_the_display_has_at_most_its_side_and_is_never_enlarged(height, width, display):
    rendered = render(radiograph(picture(height, width)))
    assert size_of(rendered.display) == display
    assert read_rendition(rendered.rendition).shape == (height, width)
    assert max(size_of(rendered.thumbnail)) == min(THUMBNAIL_SIDE, max(height, width))


def test_a_picture_of_one_row_keeps_a_pixel_of_height():
    rendered = render(radiograph(picture(1, 5 * DISPLAY_SIDE)))
    assert size_of(rendered.display) == (DISPLAY_SIDE, 1)
    assert size_of(rendered.thumbnail) == (THUMBNAIL_SIDE, 1)


def test_no_picture_has_metadata():
    rendered = render(radiograph(picture(50, 60, np.uint16)))
    for data in (rendered.display, rendered.thumbnail):
        image = Image.open(io.BytesIO(data))
        assert image.format == "JPEG"
        assert not image.getexif()
        assert "comment" not in image.info


def test_eight_bits_without_a_window_are_shown_as_they_are():
    pixels = picture(30, 40)
    assert windowed(pixels, None) is pixels


@pytest.mark.parametrize(
    ("level", "shown"),
    # PS3.3 C.11.2.1.2 with centre 2048 and width 4096: x ≤ 0 is black, x > 4095 is white.
    [(0, 0), (1024, 64), (2047, 127), (2048, 128), (3072, 191), (4095, 255), (60000, 255)],
)
def test_a_window_is_the_linear_function_of_the_standard(level, shown):
    pixels = np.full((2, 2), level, np.uint16)
    expected = np.clip((level - 2047.5) / 4095 + 0.5, 0, 1) * 255
    found = windowed(pixels, (2048.0, 4096.0))
    assert found.dtype == np.uint8
    assert found[0, 0] == round(expected) == shown


def test_a_window_of_width_one_is_a_threshold():
    pixels = np.array([[99, 100, 101]], np.uint8)
    assert windowed(pixels, (100.5, 1.0)).tolist() == [[0, 128, 255]]


def test_a_window_applies_to_eight_bits_too():
    pixels = np.array([[0, 100, 200]], np.uint8)
    assert windowed(pixels, (100.5, 101.0)).tolist() == [[0, 128, 255]]


def test_sixteen_bits_without_a_window_clip_the_outermost_half_per_cent():
    """A marker or a dead pixel must not make the bone dark."""
    pixels = np.tile(np.linspace(1000, 2000, 400).astype(np.uint16), (400, 1))
    plain = windowed(pixels, None)
    pixels[0, :16] = 65535
    shown = windowed(pixels, None)
    assert int(plain.min()) == 0 and int(plain.max()) == 255
    assert np.abs(shown[4:].astype(int) - plain[4:]).max() <= 2
    assert (shown[0, :16] == 255).all()


def test_one_grey_value_stays_one_grey_value():
    shown = windowed(np.full((8, 8), 700, np.uint16), None)
    assert len(np.unique(shown)) == 1
