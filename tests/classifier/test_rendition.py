"""A radiograph's rendition has its exact pixels; display and thumbnail are smaller JPEG files."""

import io

import numpy as np
import pytest
from PIL import Image

from classifier.radiograph import Radiograph
from classifier.rendition import read_rendition, render
from classifier.shown_sizes import DISPLAY_SIDE, THUMBNAIL_SIDE


def picture(height, width, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top, (height, width), dtype, endpoint=True)


def radiograph(pixels):
    return Radiograph(pixels, pixels.dtype.itemsize * 8, "png")


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
