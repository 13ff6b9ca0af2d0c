"""Pixels of any depth and aspect become the same network input."""

import numpy as np
import pytest

from classifier.preprocess import Preprocessing, letterboxed, network_input, placement

SPEC = Preprocessing(size=64)


def picture(height: int = 90, width: int = 60) -> np.ndarray:
    rng = np.random.default_rng(4)
    slope = np.linspace(20, 200, height)[:, None] + rng.normal(0, 10, (height, width))
    return slope.clip(0, 255).astype(np.uint8)


def test_the_input_is_three_equal_float_channels():
    found = network_input(picture(), SPEC)
    assert found.shape == (3, 64, 64)
    assert found.dtype == np.float32
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@pytest.mark.parametrize("shift", [0, 4, 8])
def test_depth_and_left_shift_do_not_matter(shift):
    deep = picture().astype(np.uint16) << shift
    assert np.allclose(network_input(deep, SPEC), network_input(picture(), SPEC), atol=1e-4)


def test_brightness_and_contrast_of_the_export_do_not_matter():
    paler = picture().astype(np.uint16) * 120 + 9000
    assert np.allclose(letterboxed(paler, SPEC), letterboxed(picture(), SPEC), atol=1e-3)


def test_bright_stays_bright():
    found = letterboxed(picture(64, 64), SPEC)
    assert found[:8].mean() < 0.2 < 0.8 < found[-8:].mean()
    assert found.min() == 0
    assert found.max() == 1


@pytest.mark.parametrize("shape", [(90, 60), (60, 90), (64, 64), (1, 500), (500, 3)])
def test_the_aspect_is_kept_and_the_rest_is_black(shape):
    place = placement(*shape, 64)
    assert max(place.height, place.width) == 64
    assert place.top >= 0 <= place.left
    square = letterboxed(np.full(shape, 9, np.uint8) + picture(*shape) // 2, SPEC)
    outside = np.ones((64, 64), bool)
    outside[place.top : place.top + place.height, place.left : place.left + place.width] = False
    assert not square[outside].any()


def test_black_and_white_are_normalised_with_the_releases_mean_and_deviation():
    spec = Preprocessing(size=64, mean=0.25, std=0.5)
    found = network_input(picture(64, 64), spec)
    assert found.min() == pytest.approx(-0.5)
    assert found.max() == pytest.approx(1.5)


def test_a_flat_picture_is_black_and_not_a_division_by_nought():
    assert not letterboxed(np.full((30, 40), 77, np.uint8), SPEC).any()


def test_a_manifest_gives_the_same_preprocessing_again():
    assert Preprocessing.from_manifest(SPEC.as_manifest()) == SPEC


def test_an_unknown_parameter_is_no_silent_default():
    with pytest.raises(TypeError):
        Preprocessing.from_manifest({"size": 64, "clahe": True})
