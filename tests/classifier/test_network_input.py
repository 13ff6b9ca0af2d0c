"""A stored network input gives the finding of the picture itself, bit by bit."""

import hashlib
import struct
import zlib
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image

from classifier.assessability import deviation_of
from classifier.classify import Classifier
from classifier.network_input import (
    NoNetworkInput,
    PreparedRadiograph,
    file_of,
    input_of,
    read_network_input,
    squares_of,
    write_network_input,
)
from classifier.preprocess import Preprocessing, network_input, placement, square_of
from classifier.radiograph import Radiograph
from classifier.squares import Square, Squares

TWO = Squares((Square(32, 0.5, 99.5), Square(48, 0.5, 99.5)))


def bone(height, width, bits=8, seed=0, inverted=False):
    """A drawn shaft with noise: uint8, or uint16 over the full range."""
    noise = np.random.default_rng(seed)
    down, across = np.mgrid[:height, :width] / max(height, width)
    grey = np.exp(-(((across - 0.4 - 0.1 * down) / 0.12) ** 2)) * (0.7 + 0.2 * np.sin(25 * down))
    grey = (grey + noise.normal(0, 0.02, grey.shape)).clip(0, 1)
    if inverted:
        grey = 1 - grey
    stored = (grey * ((1 << bits) - 1)).astype(np.uint16)
    return stored.astype(np.uint8) if bits == 8 else stored << (16 - bits)


DRAWN = {
    "small": bone(140, 100),
    "clinic export": bone(1600, 1300, seed=1),
    "landscape": bone(500, 1400, seed=2),
    "12 bits": bone(2700, 2200, 12, seed=3),
    "16 bits": bone(900, 800, 16, seed=4),
    "10 bits, inverted": bone(1200, 1900, 10, seed=5, inverted=True),
    "one grey": np.full((700, 600), 90, np.uint8),
    "one grey of 16 bits": np.full((1500, 1200), 4000, np.uint16),
    "narrow": bone(2000, 20, seed=6),
    "too small": bone(40, 60, seed=7),
    "only its lowest bits": bone(900, 700, 12, seed=8) >> 4,
}


@pytest.fixture(scope="module")
def classifier():
    return Classifier()


@pytest.fixture(scope="module")
def squares(classifier):
    found = squares_of(classifier.release.preprocessings)
    assert found is not None
    return found


def as_before(pixels, spec):
    """The network's input as every release was evaluated: floats of the whole picture, by Pillow alone."""
    size = spec.stored_size
    image = Image.fromarray(pixels.astype(np.float32))
    place = placement(*pixels.shape, size)
    fitted = (place.width, place.height)
    small = np.asarray(image.resize(fitted, Image.Resampling.BILINEAR, reducing_gap=3.0))
    low, high = np.percentile(small, (spec.low, spec.high))
    square = np.zeros((size, size), np.float32)
    at = slice(place.top, place.top + place.height), slice(place.left, place.left + place.width)
    square[at] = np.clip((small - low) / max(float(high - low), 1e-6), 0, 1)
    kept = Image.fromarray(np.round(square * 255).astype(np.uint8).astype(np.float32) / 255)
    resized = np.asarray(kept.resize((spec.size, spec.size), Image.Resampling.BILINEAR))
    return np.repeat(((resized - spec.mean) / spec.std)[None].astype(np.float32), 3, axis=0)


@pytest.mark.parametrize("kind", DRAWN)
def test_the_input_is_the_one_of_before_to_the_bit(classifier, kind):
    for spec in classifier.release.preprocessings:
        assert np.array_equal(network_input(DRAWN[kind], spec), as_before(DRAWN[kind], spec))


@pytest.mark.parametrize("shape", [(7001, 3000), (1999, 5003), (3073, 3071), (1, 5000), (4000, 2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_large_film_is_reduced_in_strips_with_equal_results(classifier, shape, dtype):
    top = np.iinfo(dtype).max
    pixels = np.random.default_rng(1).integers(0, top, shape, dtype, endpoint=True)
    for spec in classifier.release.preprocessings:
        assert np.array_equal(network_input(pixels, spec), as_before(pixels, spec))


@pytest.mark.parametrize("kind", DRAWN)
def test_a_stored_input_gives_the_finding_of_the_picture_bit_by_bit(classifier, squares, kind):
    radiograph = Radiograph(DRAWN[kind], 8, "png")
    stored = read_network_input(file_of(DRAWN[kind], squares), squares)
    prepared = PreparedRadiograph(stored, radiograph.subject)
    direct, again = (
        asdict(replace(classifier.classify([given])[0], milliseconds=0))
        for given in (radiograph, prepared)
    )
    for name, value in direct.items():
        assert np.array_equal(value, again[name]), name


def test_the_kinds_have_findings_of_all_sorts(classifier):
    """Otherwise the test above compares less than it seems to."""
    radiographs = [Radiograph(pixels, 8, "png") for pixels in DRAWN.values()]
    reasons = {finding.reason_code for finding in classifier.classify(radiographs)}
    assert {None, "blank", "small", "narrow"} <= reasons


@pytest.mark.parametrize("kind", DRAWN)
def test_the_deviation_is_that_of_the_pixels(kind):
    pixels = DRAWN[kind]
    brightest = 255 if pixels.dtype == np.uint8 else max(255, int(pixels.max()))
    assert deviation_of(pixels) == pytest.approx(float(pixels.std()) * 255 / brightest, abs=1e-9)


def test_what_is_stored_has_not_changed_unless_its_key_has():
    """If this fails, count up ``classifier.squares._MADE_BY``: what is stored would be taken for the same."""
    ramp = (np.arange(90 * 70, dtype=np.uint16).reshape(90, 70) * 9) % 4096 << 4
    found = input_of(ramp, [Preprocessing(24, 32)])
    assert hashlib.sha256(found.squares[0].tobytes()).hexdigest()[:16] == "3494a14ee34c591c"
    assert found.deviation == pytest.approx(73.13984321, abs=1e-6)
    assert Squares((Square(32, 0.5, 99.5),)).key.hex()[:16] == "e4f48f2e50e739ed"


def test_the_key_is_of_what_decides_the_bytes_and_of_nothing_else(classifier):
    own = Preprocessing(24, 32)
    key = squares_of([own]).key
    assert squares_of([replace(own, size=28, mean=0.1, std=0.2)]).key == key
    for other in (replace(own, stored_size=31), replace(own, low=1.0), replace(own, high=99.0)):
        assert squares_of([other]).key != key
    assert squares_of([own, own]).key != key


def test_an_input_in_floats_is_not_stored():
    """A release without ``stored_size`` reads the rendition: its input is made of all pixels."""
    assert squares_of([Preprocessing(24)]) is None
    assert square_of(DRAWN["small"], Preprocessing(24)).dtype == np.float32


@pytest.mark.parametrize(
    "rows",
    [
        [],
        None,
        [{}],
        [{"stored_size": 0, "low": 0.5, "high": 99.5}],
        [{"stored_size": 50_000, "low": 0.5, "high": 99.5}],
        [{"stored_size": True, "low": 0.5, "high": 99.5}],
        [{"stored_size": 32, "low": "0", "high": 99.5}],
        [{"stored_size": 32, "low": 60, "high": 40}],
        [{"stored_size": 32, "low": 0.5, "high": float("nan")}],
        [{"stored_size": 32, "low": 0.5, "high": 99.5, "more": 1}],
        [{"stored_size": 32, "low": 0.5, "high": 99.5}] * 5,
    ],
)
def test_squares_that_no_release_has_are_not_made(rows):
    with pytest.raises(ValueError, match="square"):
        Squares.from_json(rows)


def test_squares_come_back_from_json():
    assert Squares.from_json(TWO.as_json()) == TWO


def test_every_damaged_bit_cut_and_addition_is_found():
    data = file_of(bone(60, 50), TWO)
    found = read_network_input(data, TWO)
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        try:
            again = read_network_input(bytes(damaged), TWO)
        except NoNetworkInput:
            continue
        # The bits that fill up the last byte of a stream mean nothing.
        assert all(map(np.array_equal, again.squares, found.squares))
    for length in range(0, len(data), 7):
        with pytest.raises(NoNetworkInput):
            read_network_input(data[:length], TWO)
    with pytest.raises(NoNetworkInput):
        read_network_input(data + b"\0", TWO)


def test_the_input_of_another_release_is_not_taken():
    data = file_of(bone(60, 50), TWO)
    alike = Squares((Square(32, 0.6, 99.5), TWO.all[1]))  # of the same sides
    for others in (Squares(TWO.all[:1]), Squares(TWO.all[::-1]), alike):
        with pytest.raises(NoNetworkInput):
            read_network_input(data, others)


def test_a_square_of_another_size_than_the_key_says_is_not_taken():
    """Whoever took a decoder over could otherwise make a worker hold a picture of any size."""
    wrong = input_of(bone(60, 50), [Preprocessing(24, 33), Preprocessing(24, 48)])
    with pytest.raises(NoNetworkInput):
        read_network_input(write_network_input(wrong, TWO), TWO)


def test_a_deviation_that_is_no_number_is_not_taken():
    data = bytearray(file_of(bone(60, 50), TWO))
    struct.pack_into(">d", data, 48, float("nan"))
    end = 56 + 8
    struct.pack_into(">I", data, end, zlib.crc32(data[:end]))
    with pytest.raises(NoNetworkInput):
        read_network_input(bytes(data), TWO)


def test_squares_are_kept_of_pictures_that_are_worth_it(squares):
    assert squares.are_kept_of(1600, 1300)
    assert not squares.are_kept_of(900, 800)
    film = DRAWN["12 bits"]
    assert len(file_of(film, squares)) < min(0.03 * film.nbytes, squares.most_bytes)
    noise = np.random.default_rng(1).integers(0, 255, (1600, 1300), np.uint8)
    assert len(file_of(noise, squares)) < squares.most_bytes
