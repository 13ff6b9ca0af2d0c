"""What a release needs of a picture's pixels, and the file in which it is kept beside the picture.

    magic       8 bytes, 89 43 47 4E 0D 0A 1A 0A
    key         32 bytes, ``Squares.key``
    height      4 bytes, as width and size: of the picture in square pixels, before it was resized
    width       4 bytes
    deviation   8 bytes, IEEE 754: ``classifier.assessability.deviation_of``
    size        4 bytes for each square: of its file (``classifier.rendition_file``)
    CRC-32      4 bytes, of everything before; all numbers are big-endian
    the files of the squares

A worker that has this file decodes no picture. The end of its name, ``.cgn``, stands for "Callus grey, for a
network". The file belongs to the releases of its key; for another one it is made anew from the rendition.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.assessability import deviation_of
from classifier.indications import Subject
from classifier.preprocess import Preprocessing, square_of
from classifier.refused_file import RefusedFile
from classifier.rendition_file import read_rendition_file, write_rendition
from classifier.rendition_header import read_header
from classifier.squares import MAGIC, Square, Squares

_FIXED = struct.Struct(">8s32s2Id")
_NAME = "network-input.cgn"


class NoNetworkInput(Exception):
    """The bytes are damaged, or not the file of these squares."""


@dataclass(frozen=True)
class NetworkInput:
    """``height``, ``width``: of the picture in square pixels. ``deviation``: see
    ``classifier.assessability.deviation_of``. ``squares``: see ``classifier.preprocess.square_of``, one for
    each network.
    """

    height: int
    width: int
    deviation: float
    squares: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class PreparedRadiograph:
    """A radiograph whose pixels a release doesn't need any more."""

    input: NetworkInput
    subject: Subject


def squares_of(preprocessings: Sequence[Preprocessing]) -> Squares | None:
    """None if a network's input can't be kept in bytes, because its release has no ``stored_size``: such an
    input is made of all pixels, in floats. Or if the squares are larger than a decoder may make.
    """
    try:
        return Squares(
            tuple(
                Square(spec.stored_size, spec.low, spec.high)  # type: ignore[arg-type]
                for spec in preprocessings
            )
        )
    except ValueError:
        return None


def input_of(pixels: np.ndarray, preprocessings: Sequence[Preprocessing]) -> NetworkInput:
    """(H, W) uint8 or uint16 with square pixels → what the networks with these preprocessings need of it."""
    squares = tuple(square_of(pixels, spec) for spec in preprocessings)
    height, width = pixels.shape
    return NetworkInput(height, width, deviation_of(pixels), squares)


def file_of(pixels: np.ndarray, squares: Squares) -> bytes:
    """The file of (H, W) uint8 or uint16 with square pixels."""
    specs = [
        Preprocessing(square.stored_size, square.stored_size, square.low, square.high)
        for square in squares.all
    ]
    return write_network_input(input_of(pixels, specs), squares)


def write_network_input(found: NetworkInput, squares: Squares) -> bytes:
    """The file of an input of these squares."""
    files = [write_rendition(square) for square in found.squares]
    fixed = _FIXED.pack(MAGIC, squares.key, found.height, found.width, found.deviation)
    head = fixed + struct.pack(f">{len(files)}I", *map(len, files))
    return b"".join([head, struct.pack(">I", zlib.crc32(head)), *files])


def read_network_input(data: bytes, squares: Squares) -> NetworkInput:
    """Raises NoNetworkInput unless ``data`` is the whole file of these squares."""
    sizes = struct.Struct(f">{len(squares.all)}I")
    at = _FIXED.size + sizes.size
    if len(data) < at + 4 or struct.unpack_from(">I", data, at)[0] != zlib.crc32(data[:at]):
        raise NoNetworkInput
    magic, key, height, width, deviation = _FIXED.unpack_from(data)
    if magic != MAGIC or key != squares.key or not (height and width and math.isfinite(deviation)):
        raise NoNetworkInput
    lengths = sizes.unpack_from(data, _FIXED.size)
    if at + 4 + sum(lengths) != len(data):
        raise NoNetworkInput
    arrays, start = [], at + 4
    for length, square in zip(lengths, squares.all, strict=True):
        arrays.append(_square(data[start : start + length], square.stored_size))
        start += length
    return NetworkInput(height, width, deviation, tuple(arrays))


def _square(data: bytes, side: int) -> np.ndarray:
    try:
        header = read_header(data, _NAME)
        if (header.bits, header.height, header.width) != (8, side, side):
            raise NoNetworkInput
        return read_rendition_file(data, _NAME)
    except RefusedFile as refused:
        raise NoNetworkInput from refused
