"""A rendition's file is read with exactly the pixels that were written, and refused if damaged."""

import io
import subprocess
import sys
import zlib
from contextlib import suppress
from itertools import product

import numpy as np
import pytest
from PIL import Image

from classifier import deflate
from classifier.radiograph import RefusedFile
from classifier.rendition import png_of_rendition, read_rendition
from classifier.rendition_file import write_rendition
from classifier.rendition_header import HEADER_BYTES, read_header


def noise(height, width, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top, (height, width), dtype, endpoint=True)


def film(height=900, width=700, bits=12):
    """Smooth bone with noise, over the full range of uint16 as the reader gives it."""
    down, across = np.mgrid[:height, :width] / (height, width)[0]
    levels = (1 << bits) * (0.5 + 0.4 * np.sin(3 * down) * np.cos(4 * across))
    levels += np.random.default_rng(1).normal(0, (1 << bits) / 512, levels.shape)
    return levels.clip(0, (1 << bits) - 1).astype(np.uint16) << (16 - bits)


def as_png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pixels",
    [
        noise(61, 83),
        noise(61, 83, np.uint16),
        film(),
        film(bits=9),
        np.zeros((3, 5), np.uint16),
        np.full((3, 5), 0x8000, np.uint16),
        np.array([[0, 65535], [65535, 0]], np.uint16),
        np.array([[0, 255], [255, 0]], np.uint8),
        noise(1, 1),
        noise(1, 300_000, np.uint16),  # a row that is longer than a strip
        noise(300_000, 1, np.uint16),
        noise(40, 60, np.uint16).T,  # not contiguous
    ],
    ids=lambda pixels: f"{pixels.dtype} {pixels.shape[0]}x{pixels.shape[1]}",
)
def test_a_rendition_is_read_with_exactly_the_pixels_that_were_written(pixels):
    again = read_rendition(write_rendition(pixels))
    assert again.dtype == pixels.dtype
    assert np.array_equal(again, pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_rendition_of_before_is_a_png_and_is_still_read(dtype):
    pixels = noise(61, 83, dtype)
    again = read_rendition(as_png(pixels))
    assert again.dtype == dtype
    assert np.array_equal(again, pixels)
    assert np.array_equal(read_rendition(png_of_rendition(as_png(pixels))), pixels)


def test_other_programs_get_a_rendition_as_a_png():
    pixels = film(50, 60)
    picture = Image.open(io.BytesIO(png_of_rendition(write_rendition(pixels))))
    assert picture.format == "PNG"
    assert np.array_equal(np.asarray(picture), pixels)


@pytest.mark.parametrize("written", [write_rendition, as_png])
def test_other_programs_get_square_pixels(written):
    """They know nothing of the aspect, and a network would learn a stretched bone."""
    pixels = film(50, 60)
    picture = Image.open(io.BytesIO(png_of_rendition(written(pixels), 2.0)))
    assert picture.size == (60, 100)
    assert np.abs(np.asarray(picture).astype(float)[::2] - pixels).mean() < 0.02 * pixels.max()


def test_every_damaged_bit_is_found():
    """Header by its own checksum, pixels by that of the stream. Only the bits that fill up the stream's last
    byte mean nothing: at most seven.
    """
    data = write_rendition(film(12, 10))
    unnoticed = []
    for at, bit in product(range(len(data)), range(8)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << bit
        with suppress(RefusedFile):
            assert np.array_equal(read_rendition(bytes(damaged)), film(12, 10))
            unnoticed.append(at)
    assert set(unnoticed) <= {len(data) - 5}


def test_every_cut_and_every_addition_is_found():
    data = write_rendition(film(12, 10))
    for length in range(len(data)):
        with pytest.raises(RefusedFile):
            read_rendition(data[:length])
    for more in (b"\0", data):
        with pytest.raises(RefusedFile):
            read_rendition(data + more)


def test_a_stream_of_more_or_fewer_pixels_than_the_header_says_is_refused():
    data = write_rendition(noise(20, 30))
    shorter, longer = (write_rendition(noise(rows, 30)) for rows in (19, 21))
    for other in (shorter, longer):
        with pytest.raises(RefusedFile):
            read_rendition(data[:HEADER_BYTES] + other[HEADER_BYTES:])


@pytest.mark.parametrize("codec", [deflate._codec, zlib], ids=lambda codec: codec.__name__)
def test_films_of_many_sizes_come_back(codec, monkeypatch):
    """A decoder may have taken all of a stream and still hold pixels: seldom, and at certain lengths."""
    monkeypatch.setattr(deflate, "_codec", codec)
    rng = np.random.default_rng(7)
    for height, width in rng.integers(300, 700, (80, 2)).tolist():
        pixels = (film(height, width) >> 8).astype(np.uint8)
        assert np.array_equal(read_rendition(write_rendition(pixels)), pixels), (height, width)


def test_the_stream_is_one_that_zlib_reads_and_may_have_written():
    """Where ISA-L isn't there zlib takes its place, and reads what the other wrote."""
    pixels = film(30, 40)
    data = write_rendition(pixels)
    raw = zlib.decompress(data[HEADER_BYTES:])
    assert len(raw) == pixels.nbytes
    assert np.array_equal(read_rendition(data[:HEADER_BYTES] + zlib.compress(raw, 1)), pixels)


@pytest.mark.parametrize("codec", [zlib, deflate._codec], ids=["zlib", "ISA-L"])
@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_a_stream_of_one_grey_is_read_whole_however_it_was_packed(monkeypatch, codec, level):
    """A decoder may have read the whole stream while it still holds bytes of the picture back."""
    monkeypatch.setattr(deflate, "_codec", codec)
    stream = zlib.compress(bytes(900_000), level)
    whole = deflate.Reader(memoryview(stream))
    assert not any(any(whole.read(9000)) for _ in range(100))
    whole.end()
    for cut in (1, 4, 5, 9):
        shorter = deflate.Reader(memoryview(stream)[:-cut])
        with pytest.raises(deflate.CutOffStream):
            while True:
                shorter.read(9000)


def test_a_platform_without_isal_writes_and_reads_the_same_format(tmp_path):
    file = tmp_path / "there.cgr"
    file.write_bytes(write_rendition(film(30, 40)))
    script = (
        "import sys; sys.modules['isal'] = None\n"
        "from pathlib import Path\n"
        "from classifier import deflate\n"
        "from classifier.rendition import read_rendition\n"
        "from classifier.rendition_file import write_rendition\n"
        "assert deflate._codec.__name__ == 'zlib'\n"
        "pixels = read_rendition(Path(sys.argv[1]).read_bytes())\n"
        "Path(sys.argv[2]).write_bytes(write_rendition(pixels))\n"
    )
    back = tmp_path / "back.cgr"
    subprocess.run([sys.executable, "-c", script, str(file), str(back)], check=True)
    assert deflate._codec.__name__ != "zlib"
    assert np.array_equal(read_rendition(back.read_bytes()), film(30, 40))


def test_a_film_takes_less_than_half_of_its_raw_bytes_and_less_than_as_a_png():
    pixels = film(1200, 900)
    data = write_rendition(pixels)
    assert read_header(data, "film").shift == 4
    assert len(data) < 0.5 * pixels.nbytes
    assert len(data) < 0.9 * len(as_png(pixels))
