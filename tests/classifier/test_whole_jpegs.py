"""A whole JPEG is taken, one that lost a part is not: tried on every cut, of every process."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from classifier.radiograph import read_radiograph
from classifier.refused_file import RefusedFile
from tests import pictures

GREY = pictures.pixels(90, 120)
COLOUR = Image.fromarray(np.stack([GREY, 255 - GREY, GREY // 2], axis=-1))
KINDS = {
    "grey": pictures.jpeg(GREY),
    "colour": pictures.saved(COLOUR, "JPEG", subsampling=2),
    "CMYK": pictures.saved(COLOUR.convert("CMYK"), "JPEG"),
    "restarts": pictures.jpeg(GREY, restart_marker_blocks=10),
    "progressive": pictures.jpeg(GREY, progressive=True),
    "progressive colour": pictures.saved(COLOUR, "JPEG", progressive=True, subsampling=0),
    "poor": pictures.jpeg(GREY, quality=20),
}
EOI = b"\xff\xd9"


def read(data: bytes) -> np.ndarray:
    return read_radiograph(data, "a.jpg").pixels


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [b"", EOI], ids=["", "with an end marker again"])
def test_a_jpeg_that_is_cut_anywhere_gives_no_other_picture(kind, end):
    data = KINDS[kind]
    whole = read(data)
    for cut in range(2, len(data) - 2):
        try:
            found = read(data[:cut] + end)
        except RefusedFile:
            continue
        assert np.array_equal(found, whole), cut  # nothing of the picture was cut off


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_without_its_end_marker_is_whole(kind):
    data = KINDS[kind]
    assert data.endswith(EOI)
    assert np.array_equal(read(data[:-2]), read(data))


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_that_nobody_reads_cost_nothing(kind):
    data = KINDS[kind]
    whole = read(data)
    for more in (data + bytes(64), data[:-2] + b"\xff\xff" + EOI, data[:-2] + bytes(3) + EOI):
        assert np.array_equal(read(more), whole)


def test_a_picture_that_libjpeg_only_warns_of_is_taken():
    """A JFIF version that nobody knows: nothing is missing."""
    data = KINDS["grey"]
    at = data.index(b"JFIF\0") + 5
    odd = data[:at] + b"\x07" + data[at + 1 :]
    assert np.array_equal(read(odd), read(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_as_exif_says(orientation):
    with Image.open(io.BytesIO(pictures.jpeg(GREY, orientation=orientation))) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    assert np.array_equal(read(pictures.jpeg(GREY, orientation=orientation)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_greys_are_those_of_pillow(kind):
    with Image.open(io.BytesIO(KINDS[kind])) as picture:
        colours = picture.convert("RGB") if picture.mode == "CMYK" else picture
        assert np.array_equal(read(KINDS[kind]), np.asarray(colours.convert("L")))
