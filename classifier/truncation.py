"""Checks whether a JPEG, PNG or TIFF is truncated. Decoders fill a missing part with grey: it hides
fractures.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Literal

from classifier.refused_file import RefusedFile

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
EOI = b"\xff\xd9"
# Inside entropy-coded data FF is followed by 00 (a stuffed byte), a restart, or a fill byte.
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length: TEM and the restarts
_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15, JPEG-LS
_PROGRESSIVE, _UNSENT = 0xC2, 99
# Doesn't end in FF, and is not a valid run of short codes in any common Huffman table.
_NOISE = b"\x55\xa3\x1c\xe9" * 1024


@dataclass(frozen=True)
class JpegFrame:
    """What a JPEG's markers say: ``process`` is the SOF marker, ``end`` the offset after EOI."""

    process: int
    precision: int
    width: int
    height: int
    components: int
    end: int


def walk_jpeg(data: bytes, name: str, to_first_scan: bool = False) -> JpegFrame:
    """Follows the markers from SOI to EOI. Raises RefusedFile if they don't end there.

    ``to_first_scan`` stops at SOS, since the scans of JPEG-LS are stuffed in another way.
    """
    at, frame, scans = 2, (0, 0, 0, 0, 0), _Scans()
    while True:
        marker, at = _next_marker(data, at, name)
        if marker == 0xD9:
            if frame[0] == _PROGRESSIVE and not scans.are_complete:
                raise RefusedFile.cut_off(name, len(data))
            return JpegFrame(*frame, end=at)
        if marker in _ALONE:
            continue
        body = data[at + 2 : at + (length := int.from_bytes(data[at : at + 2], "big"))]
        if length < 2 or len(body) < length - 2:
            raise RefusedFile.cut_off(name, len(data))
        if marker in _FRAME_HEADERS and len(body) >= 6:
            height, width = (int.from_bytes(body[i : i + 2], "big") for i in (1, 3))
            frame = (marker, body[0], width, height, body[5])
            scans = _Scans(body[6::3])
        at += length
        if marker == 0xDA and to_first_scan:
            return JpegFrame(*frame, end=at)
        if marker == 0xDA:
            scans.add(body)
            found = _SCAN_END.search(data, at)
            if found is None:
                raise RefusedFile.cut_off(name, len(data))
            at = found.start()


class _Scans:
    """What the scans of a progressive JPEG have sent so far (ITU-T T.81, G.1.1.1).

    Each sends a band of coefficients down to one of their bits. A file that lost its last scans and got an
    end marker again is a complete stream, and a blurred picture: no decoder complains.
    """

    def __init__(self, components: bytes = b"") -> None:
        self._lowest = {component: [_UNSENT] * 64 for component in components}

    def add(self, header: bytes) -> None:
        """``header``: the body of a SOS segment."""
        count = header[0] if header else 0
        if len(header) < 1 + 2 * count + 3:
            return
        first, last, bits = header[1 + 2 * count : 4 + 2 * count]
        for component in header[1 : 1 + 2 * count : 2]:
            for number in range(first, min(last, 63) + 1):
                self._lowest.get(component, [0] * 64)[number] = bits & 0x0F

    @property
    def are_complete(self) -> bool:
        return not any(any(lowest) for lowest in self._lowest.values())


def _next_marker(data: bytes, at: int, name: str) -> tuple[int, int]:
    """The marker at ``at`` and the offset after it; fill bytes (FF FF) are skipped."""
    if at < len(data) and data[at] != 0xFF:
        raise RefusedFile("damaged", name)
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at >= len(data):
        raise RefusedFile.cut_off(name, len(data))
    return data[at], at + 1


def jpeg_with_noise(data: bytes, frame: JpegFrame) -> bytes:
    """The JPEG with noise before its EOI. Decoding a complete picture ignores the noise, decoding a truncated
    one doesn't.

    libjpeg fills a scan that ends early with zeros and only warns, and Pillow drops the warning.
    """
    return data[: frame.end - len(EOI)] + _NOISE + EOI


@dataclass(frozen=True)
class PngHeader:
    width: int
    height: int
    frames: int


def walk_png(data: bytes, name: str) -> PngHeader:
    """Checks every chunk's length and CRC up to IEND. Raises RefusedFile if one is wrong."""
    at, frames, size = len(PNG_SIGNATURE), 1, (0, 0)
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if at + 12 > len(data) or end > len(data):
            raise RefusedFile.cut_off(name, len(data))
        kind, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise RefusedFile("damaged", name)
        if kind == b"IHDR":
            size = (int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"))
        elif kind == b"acTL":
            frames = int.from_bytes(body[:4], "big")
        elif kind == b"IEND":
            return PngHeader(*size, frames)
        at = end


def check_tiff(data: bytes, name: str, offsets: list[int], counts: list[int]) -> None:
    """Raises RefusedFile if the directory, a strip or a tile lies after the file's end."""
    if not offsets or len(offsets) != len(counts):
        raise RefusedFile("damaged", name)
    ends = [offset + count for offset, count in zip(offsets, counts, strict=True)]
    if (end := max(_tiff_directory_end(data), *ends)) > len(data):
        raise RefusedFile.cut_off(name, len(data), end)


def _tiff_directory_end(data: bytes) -> int:
    """The offset after the first directory, whose last number points to the next page."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    is_big = int.from_bytes(data[2:4], order) == 43  # BigTIFF
    pointer, counter, entry = (8, 8, 20) if is_big else (4, 2, 12)
    start = int.from_bytes(data[pointer : 2 * pointer], order)
    entries = int.from_bytes(data[start : start + counter], order)
    return start + counter + entries * entry + pointer
