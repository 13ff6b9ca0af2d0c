"""The file of a lossless rendition: a grey picture of 8 or 16 bits, written and read a few rows at a time.

Behind the header (``classifier.rendition_header``) follows one zlib stream (RFC 1950) of the strips from top
to bottom. Each strip is filtered by itself: every pixel less its left and upper neighbours plus the one
between them, all 0 outside the strip, modulo 2^bits. A difference d of 16 bits is written as 2d, or as
-2d - 1 below 0; first come the high bytes of the strip, which are nearly all 0, then the low ones. A noisy
12-bit film takes a quarter less space than as a PNG, a twentieth of the time to write and a quarter to read
(docs/decisions/0039). A browser reads it with ``DecompressionStream("deflate")``.
"""

from itertools import pairwise

import numpy as np

from classifier.deflate import CutOffStream, DamagedStream, Reader, Writer
from classifier.refused_file import RefusedFile
from classifier.rendition_header import HEADER_BYTES, MOST_PIXELS, RenditionHeader, read_header

# Pixels of a strip: its arrays stay in a core's cache. Strips of half and of four times as many take as long.
_STRIP = 1 << 17


def write_rendition(pixels: np.ndarray) -> bytes:
    """The file of (H, W) uint8 or uint16."""
    height, width = pixels.shape
    bits = pixels.dtype.itemsize * 8
    header = RenditionHeader(bits, _empty_bits(pixels), width, height, max(1, _STRIP // width))
    stream, pieces = Writer(), [header.packed()]
    for rows in header.strips():
        filtered = _filtered(pixels[rows] >> pixels.dtype.type(header.shift))
        planes = [filtered] if bits == 8 else _planes(filtered)
        pieces += [stream.write(plane.data) for plane in planes]
    pieces.append(stream.end())
    return b"".join(pieces)


def read_rendition_file(data: bytes, name: str, most_pixels: int = MOST_PIXELS) -> np.ndarray:
    """(H, W) uint8 or uint16, exactly as written.

    Raises RefusedFile if anything is damaged or missing, or if the header names more than ``most_pixels``.
    """
    header = read_header(data, name)
    if header.pixels > most_pixels or not header.fits(len(data)):
        raise RefusedFile("damaged", name)  # before memory is taken for them
    stream = Reader(memoryview(data)[HEADER_BYTES:])
    pixels = np.empty((header.height, header.width), np.uint8 if header.bits == 8 else np.uint16)
    try:
        for rows in header.strips():
            _read_strip(stream, pixels[rows])
            pixels[rows] <<= pixels.dtype.type(header.shift)
        stream.end()
    except CutOffStream:
        raise RefusedFile.cut_off(name, len(data)) from None
    except DamagedStream as damaged:
        raise RefusedFile("damaged", name) from damaged
    return pixels


def _empty_bits(pixels: np.ndarray) -> int:
    """How many of the lowest bits are 0 in each of uint16 pixels: 12 bits over the full range leave 4."""
    if pixels.dtype == np.uint8:
        return 0
    used = int(np.bitwise_or.reduce(pixels, axis=None))
    return (used & -used).bit_length() - 1 if used else 0


def _filtered(strip: np.ndarray) -> np.ndarray:
    """Unsigned integers wrap around, here and in ``_read_strip``, so nothing is lost."""
    across = strip.copy()
    across[:, 1:] -= strip[:, :-1]
    down = across.copy()
    down[1:] -= across[:-1]
    return down


def _planes(filtered: np.ndarray) -> list[np.ndarray]:
    """uint16 differences → their high bytes, their low bytes."""
    signs = (filtered.view(np.int16) >> 15).view(np.uint16)  # 0xFFFF below 0
    filtered <<= 1
    filtered ^= signs
    return [(filtered >> 8).astype(np.uint8), filtered.astype(np.uint8)]


def _read_strip(stream: Reader, strip: np.ndarray) -> None:
    count = strip.size
    values = np.frombuffer(stream.read(count * strip.itemsize), np.uint8)
    differences = values if strip.dtype == np.uint8 else _joined(values[:count], values[count:])
    differences = differences.reshape(strip.shape)
    np.cumsum(differences, axis=1, dtype=strip.dtype, out=strip)
    for above, below in pairwise(strip):  # np.cumsum down columns is slower
        below += above


def _joined(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """What ``_planes`` made of uint16 differences → the differences."""
    pairs = np.empty((len(high), 2), np.uint8)
    pairs[:, 1], pairs[:, 0] = high, low
    differences = pairs.view("<u2").astype(np.uint16, copy=False)
    signs = np.negative(differences & np.uint16(1))
    differences >>= 1
    differences ^= signs
    return differences
