"""What a screen shows of a picture, without a curve and with one, and where it is black or drawn on."""

import numpy as np
import pytest

from classifier.display import Display, Table, shown

RAMP = np.tile(np.linspace(1000, 2000, 400).astype(np.uint16), (400, 1))


def test_eight_bits_without_a_curve_are_shown_as_they_are():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(shown(pixels, 8, Display()), pixels)


def test_eight_bits_whose_window_lies_beside_them_are_spread():
    pixels = np.tile(np.arange(100, 116, dtype=np.uint8), (16, 1))
    grey = shown(pixels, 8, Display(is_beside=True))
    assert grey.min() == 0 and grey.max() == 255


@pytest.mark.parametrize(("bits", "full"), [(8, 8), (12, 16), (16, 16)])
def test_a_curve_gives_the_grey_of_each_stored_value(bits, full):
    codes = np.arange(1 << bits).astype(np.uint16)
    table = Table((codes[::-1] >> (bits - 8)).astype(np.uint8))
    pixels = (codes << (full - bits)).astype(np.uint8 if full == 8 else np.uint16)[None]
    assert np.array_equal(shown(pixels, bits, Display((table,)))[0], table.grey)


def test_another_curve_is_shown_by_its_number():
    black, white = (Table(np.full(65536, grey, np.uint8)) for grey in (0, 255))
    assert shown(RAMP, 16, Display((black, white)), 1).min() == 255


def test_without_a_curve_the_outermost_half_per_cent_is_clipped():
    """A marker or a dead pixel must not make the bone dark."""
    plain = shown(RAMP, 16, Display())
    marked = RAMP.copy()
    marked[0, :16] = 65535
    grey = shown(marked, 16, Display())
    assert plain.min() == 0 and plain.max() == 255
    assert np.abs(grey[4:].astype(int) - plain[4:]).max() <= 2
    assert (grey[0, :16] == 255).all()


def test_what_lies_outside_is_black_and_not_in_the_percentiles():
    outside = np.zeros(RAMP.shape, bool)
    outside[:100] = True
    bordered = RAMP.copy()
    bordered[outside] = 65535
    grey = shown(bordered, 16, Display(outside=outside))
    assert (grey[:100] == 0).all()
    assert np.abs(grey[100:].astype(int) - shown(RAMP, 16, Display())[100:]).max() <= 2


def test_an_overlay_is_drawn_white_over_everything():
    mask = np.zeros(RAMP.shape, bool)
    mask[10:20] = True
    grey = shown(RAMP, 16, Display(outside=mask, overlay=mask))
    assert (grey[10:20] == 255).all()


def test_one_grey_value_stays_one_grey_value():
    assert len(np.unique(shown(np.full((8, 8), 700, np.uint16), 12, Display()))) == 1


def test_pixels_are_never_changed():
    pixels = np.full((8, 8), 7, np.uint8)
    shown(pixels, 8, Display(outside=np.ones((8, 8), bool)))
    assert (pixels == 7).all()
