"""The header of a rendition's file, for whoever must not load an image library.

    magic     8 bytes, 89 43 47 52 0D 0A 1A 0A: no text, and damaged by whatever changes the ends of lines
    version   1 byte, 1
    bits      1 byte, 8 or 16 a pixel
    shift     1 byte: the lowest bits of each pixel that are 0 and left out; 0 with 8 bits
    zero      1 byte
    width, height, rows of a strip, CRC-32 of the 24 bytes before: 4 bytes each, big-endian

The end of the name, ``.cgr``, stands for "Callus grey".

A file has at most ``MOST_PIXELS``, and a strip ``MOST_OF_STRIP`` or one row: a reader takes memory for what
the header names, before it has seen a pixel.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from classifier.refused_file import RefusedFile

MAGIC = b"\x89CGR\r\n\x1a\n"
ENDING = "cgr"
_VERSION = 1
_HEADER = struct.Struct(">8s4B3I")
_CRC = struct.Struct(">I")
HEADER_BYTES = _HEADER.size + _CRC.size
# 16,384 × 16,384: no browser's texture is larger. Intake takes far fewer (``MAX_UPLOAD_PIXELS``).
MOST_PIXELS = 1 << 28
MOST_OF_STRIP = 1 << 20  # eight times what is written
_MOST_UNPACKED = 1032  # bytes that deflate can make of one: 258 a code, of 2 bits (RFC 1951)


@dataclass(frozen=True)
class RenditionHeader:
    """The header of a file. ``bits``: 8 or 16; ``shift``: see above; ``rows`` of a strip; all in pixels."""

    bits: int
    shift: int
    width: int
    height: int
    rows: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def fits(self, file_bytes: int) -> bool:
        """Whether a file of so many bytes can hold the pixels."""
        most = _MOST_UNPACKED * (file_bytes - HEADER_BYTES)
        return self.pixels * (self.bits // 8) <= most

    def strips(self) -> Iterator[slice]:
        """The rows of each strip."""
        for top in range(0, self.height, self.rows):
            yield slice(top, min(top + self.rows, self.height))

    def packed(self) -> bytes:
        """The bytes of the header."""
        sides = (self.width, self.height, self.rows)
        packed = _HEADER.pack(MAGIC, _VERSION, self.bits, self.shift, 0, *sides)
        return packed + _CRC.pack(zlib.crc32(packed))


def read_header(data: bytes, name: str) -> RenditionHeader:
    """Raises RefusedFile if the beginning of ``data`` isn't that of such a file."""
    if len(data) < HEADER_BYTES:
        raise RefusedFile.cut_off(name, len(data))
    magic, version, bits, shift, _zero, width, height, rows = _HEADER.unpack_from(data)
    (crc,) = _CRC.unpack_from(data, _HEADER.size)
    if magic != MAGIC or version != _VERSION or crc != zlib.crc32(data[: _HEADER.size]):
        raise RefusedFile("damaged", name)
    if bits not in (8, 16) or shift >= bits or not (width and height and rows):
        raise RefusedFile("damaged", name)
    if width * height > MOST_PIXELS or (rows > 1 and rows * width > MOST_OF_STRIP):
        raise RefusedFile("damaged", name)
    return RenditionHeader(bits, shift, width, height, rows)
