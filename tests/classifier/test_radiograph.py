"""What is read, exactly as it was stored: JPEG, PNG, TIFF. DICOM is in ``test_dicom_radiograph``."""

import numpy as np
import pytest
from PIL import Image

from classifier.radiograph import Limits, Radiograph, RefusedFile, read_radiograph
from classifier.refused_file import short_name
from tests import pictures

GREY = pictures.pixels()
WIDE = pictures.pixels(bits=16)
TWELVE = pictures.pixels(bits=12)
PACKED = (
    "RLELossless",
    "JPEGLosslessProcess14",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEG2000Lossless",
)


def read(data: bytes, name: str = "file", **limits: int) -> Radiograph:
    return read_radiograph(data, name, Limits(**limits))


def refused(data: bytes, name: str = "file", **limits: int) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        read(data, name, **limits)
    assert caught.value.reason.startswith(short_name(name))
    assert "{" not in caught.value.reason
    return caught.value


# --- JPEG, PNG, TIFF ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.png", "A.PNG", "noending", "1.2.840.113619.2", "a.png ", "photo.jpg", "x.img"]
)
def test_a_grey_png_is_read_exactly_whatever_its_name(name):
    found = read(pictures.png(), name)
    assert (found.kind, found.bits, found.pixels.dtype) == ("png", 8, np.uint8)
    assert (found.pixels == GREY).all()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "scan.jfif", "photo.png", "photo.jpg.dcm"])
def test_a_jpeg_is_read_to_within_its_loss(name, progressive):
    found = read(pictures.jpeg(progressive=progressive), name)
    assert (found.kind, found.bits) == ("jpeg", 8)
    assert np.abs(found.pixels.astype(int) - GREY).mean() < 2


@pytest.mark.parametrize(
    "data",
    [
        pictures.tiff(),
        pictures.tiff(compression="tiff_lzw"),
        pictures.tiff(compression="packbits"),
        pictures.tiff(compression="tiff_adobe_deflate"),
        pictures.tiff(255 - GREY, white_is_zero=True),
    ],
)
def test_a_grey_tiff_is_read_exactly(data):
    found = read(data, "a.tif")
    assert (found.kind, found.bits) == ("tiff", 8)
    assert (found.pixels == GREY).all()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pictures.png(WIDE), "png"),
        (pictures.tiff(WIDE), "tiff"),
        (pictures.tiff(WIDE, compression="tiff_lzw"), "tiff"),
        (pictures.tiff(WIDE, big_endian=True), "tiff"),
        (pictures.tiff(65535 - WIDE, white_is_zero=True), "tiff"),
    ],
)
def test_sixteen_bits_stay_sixteen(data, kind):
    found = read(data)
    assert (found.kind, found.bits, found.pixels.dtype) == (kind, 16, np.uint16)
    assert (found.pixels == WIDE).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_a_grey_picture_stored_in_colour_keeps_its_greys(mode):
    data = pictures.saved(Image.fromarray(GREY).convert(mode), "PNG")
    assert (read(data).pixels == GREY).all()


def test_cmyk_becomes_grey():
    data = pictures.saved(Image.fromarray(GREY).convert("CMYK"), "TIFF")
    assert np.abs(read(data).pixels.astype(int) - GREY).max() <= 1


def test_cmyk_in_a_jpeg_of_adobes_kind_becomes_grey():
    """Its inks are stored inverted, and a marker of Adobe's says so."""
    data = pictures.saved(Image.fromarray(GREY).convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    assert np.abs(read(data).pixels.astype(int) - GREY).mean() < 2


def test_transparency_lies_on_black():
    clear = np.dstack([GREY, np.zeros_like(GREY)])
    assert read(pictures.saved(Image.fromarray(clear, "LA"), "PNG")).pixels.max() == 0


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_exif_orientation_is_applied(orientation):
    data = pictures.jpeg(orientation=orientation)
    upright = {
        2: GREY[:, ::-1],
        3: GREY[::-1, ::-1],
        4: GREY[::-1],
        5: GREY.T,
        6: np.rot90(GREY, -1),
        7: np.rot90(GREY.T, 2),
        8: np.rot90(GREY),
    }[orientation]
    found = read(data).pixels
    assert found.shape == upright.shape
    assert np.abs(found.astype(int) - upright).mean() < 2


def test_a_tiff_orientation_is_applied_to_sixteen_bits():
    found = read(pictures.tiff(WIDE, tiffinfo={274: 6})).pixels
    assert (found == np.rot90(WIDE, -1)).all()


def test_a_phone_picture_with_a_second_picture_behind_is_its_first():
    behind = pictures.jpeg(pictures.pixels(16, 16))
    assert read(pictures.jpeg() + behind).pixels.shape == GREY.shape
