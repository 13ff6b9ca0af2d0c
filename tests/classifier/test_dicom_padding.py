"""Padding: black on the screen, no part of what a network reads or a percentile counts, and no anatomy."""

import numpy as np
import pytest
from pydicom import DataElement

from classifier.border import reaching_the_border
from tests import pictures
from tests.classifier.test_dicom_masks import BORDER, FILM, rectangle, seen
from tests.classifier.test_radiograph import read

INSIDE = ~BORDER


def bordered(value, film=FILM):
    return np.where(BORDER, film.dtype.type(value), film)


def padding(value, limit=None):
    given = {"PixelPaddingValue": value, "PixelPaddingRangeLimit": limit}
    return {keyword: one for keyword, one in given.items() if one is not None}


def spelt(kind, value, limit):
    names = ("PixelPaddingValue", "PixelPaddingRangeLimit")
    given = zip(names, (value, limit), strict=True)
    return {name: DataElement(name, kind, one) for name, one in given if one is not None}


def unsigned(value, limit=None):
    return spelt("US", value, limit)


def signed(value, limit=None):
    return spelt("SS", value, limit)


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
        bordered(65535, FILM << 4),
        {
            "PixelPaddingValue": DataElement("PixelPaddingValue", "SS", -1),
            "BitsStored": 16,
            "HighBit": 15,
        },
    ),
    "signed, written as its stored bits": (bordered(-2000, SIGNED), unsigned(2096)),
    "signed range, written without its sign": (
        bordered(-2000, np.maximum(SIGNED, -1900)),
        unsigned(63530, 63540),
    ),
    "a range that begins below all values": (
        bordered(0, np.maximum(FILM, 100)),
        signed(-2000, 5),
    ),
    "in all bits of a sample": (bordered(65535), padding(65535)),
    "in all bits of a sample, with a sign": (bordered(65535), signed(-1)),
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


IMPLANT = np.zeros(FILM.shape, bool)
IMPLANT[50:70, 40:100] = True
HIDES_NOTHING = {
    "from below all values to the darkest": (FILM, signed(-2000, 0)),
    "the same, without its sign": (FILM, unsigned(63536, 0)),
    "below all values": (FILM, signed(-2000, -1)),
    "one value below all": (FILM, signed(-2000)),
    "one value above all, and a saturated implant": (np.where(IMPLANT, 4095, FILM), padding(65535)),
    "the same, with a sign": (np.where(IMPLANT, 4095, FILM), signed(-1)),
    "the implant's own value": (np.where(IMPLANT, 4095, FILM), padding(4095)),
    "signed values, one of two ends without its sign": (SIGNED, unsigned(63536, 10)),
    "a range of the film's own greys": (FILM, padding(0, 2096)),
    "a range of the film's own bright greys": (FILM, padding(1500, 4095)),
    "a range of signed values of the film": (SIGNED, padding(-2048, 0)),
    "every second pixel": (FILM // 2 * 2 + np.indices(FILM.shape).sum(0) % 2, padding(0, 1)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("window", [{}, {"WindowCenter": "2048", "WindowWidth": "4096"}])
@pytest.mark.parametrize("name", HIDES_NOTHING)
def test_padding_never_hides_what_may_be_anatomy(name, window):
    """The picture is the one of a header that names no padding: for the reader and for the network."""
    stored, header = HIDES_NOTHING[name]
    stored = np.asarray(stored, np.int16 if np.min(stored) < 0 else np.uint16)
    found, control = (read(pictures.dicom(stored, **given, **window)) for given in (header, {}))
    hidden = np.zeros(FILM.shape, bool) if found.display.outside is None else found.display.outside
    assert hidden.mean() < 0.01
    assert np.abs(seen(found) - seen(control))[~hidden].max() <= 3
    assert np.array_equal(found.pixels[~hidden], control.pixels[~hidden])


def test_padding_around_a_film_leaves_an_implant_of_its_value():
    stored = np.where(BORDER | IMPLANT, 4095, np.minimum(FILM, 3000)).astype(np.uint16)
    found = read(pictures.dicom(stored, **padding(4095)))
    assert np.array_equal(found.display.outside, BORDER)
    assert (seen(found)[IMPLANT] >= 250).all()


def test_padding_may_reach_a_shutter_in_place_of_the_border():
    """What is outside of a shutter has any value, and padding lies around the film within it."""
    stored = bordered(4095, np.minimum(FILM, 3000))
    stored[:10] = stored[-10:] = stored[:, :10] = stored[:, -10:] = 2000
    header = {"ShutterShape": "RECTANGULAR", **rectangle((11, 110, 11, 150)), **padding(4095)}
    assert np.array_equal(read(pictures.dicom(stored, **header)).display.outside, BORDER)


def test_a_narrow_film_may_lie_in_a_wide_frame():
    stored = np.minimum(FILM, 3000)
    stored[:, 70:] = 4095
    outside = read(pictures.dicom(stored, **padding(4095))).display.outside
    assert outside[:, 70:].all() and not outside[:, :70].any()


@pytest.mark.parametrize("packing", ["JPEGLSLossless", "JPEG2000Lossless", "RLELossless"])
def test_padding_is_found_in_packed_pictures(packing):
    data = pictures.repacked(pictures.dicom(bordered(4095), **padding(4095)), packing)
    assert read(data).display.outside[BORDER].all()
    data = pictures.repacked(pictures.dicom(bordered(4095), **padding(65535)), packing)
    assert read(data).display.outside is None


def test_regions_are_those_that_scipy_finds():
    from scipy.ndimage import label

    rng = np.random.default_rng(5)
    for _ in range(200):
        mask = rng.random(rng.integers(1, 40, 2)) < rng.choice([0.1, 0.4, 0.55, 0.6, 0.7, 0.95])
        labels, _ = label(mask)
        rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        assert np.array_equal(reaching_the_border(mask), mask & np.isin(labels, rim[rim > 0]))


def test_a_long_way_to_the_border_is_found_and_grain_is_no_region():
    snake = np.zeros((401, 400), bool)
    snake[1::2, 1:-1] = True
    snake[2::4, -2] = snake[4::4, 1] = True
    snake[0, 1] = True
    assert np.array_equal(reaching_the_border(snake), snake)
    assert reaching_the_border(np.random.default_rng(1).random((3000, 3000)) < 0.5) is None


def test_a_single_dead_pixel_does_not_become_the_grey_of_the_padding():
    stored = bordered(4095, np.maximum(FILM, 1000))
    stored[40, 40] = 0
    found = read(pictures.dicom(stored, **padding(4095)))
    assert found.pixels[0, 0] >= 1000 << 4
