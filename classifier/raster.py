"""Reads JPEG, PNG and TIFF into grey pixels. Refuses faults that a decoder would accept."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
from PIL import ImageOps
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from classifier.jpeg import read_whole_jpeg
from classifier.luma import luma
from classifier.refused_file import Limits, RefusedFile
from classifier.truncation import EOI, JpegFrame, check_tiff, walk_jpeg, walk_png

# Baseline, extended sequential and progressive Huffman: what libjpeg is built for everywhere.
_JPEG_PROCESSES = {0xC0, 0xC1, 0xC2}
_PHOTOMETRIC, _BITS, _SAMPLE_FORMAT = 262, 258, 339
_STRIPS, _TILES = (273, 279), (324, 325)  # offsets, byte counts
_ROWS, _TILE_SIDES = 278, (322, 323)  # of a strip; width and height
_PILLOW_BYTES = 5  # a pixel: four in colour, and its luma
_MOST_UNPACKED = 430 * 1024**2  # of the 512 MB of a decode child
_NEW_SUBFILE, _SUBFILE, _REDUCED = 254, 255, 2
_WHITE_IS_ZERO, _SIGNED = 0, 2
_WIDE_MODES = {"I;16", "I;16L", "I;16B", "I;16N"}


def read_jpeg(data: bytes, name: str, limits: Limits) -> tuple[np.ndarray, int]:
    """(H, W) uint8 and its 8 bits. Raises RefusedFile.

    A second picture behind the first (a phone's gain map or preview) is left out.
    """
    data, frame, is_closed = _closed(data, name)
    if frame.process not in _JPEG_PROCESSES or frame.precision != 8:
        syntax = f"JPEG {frame.precision} bit, SOF{frame.process & 0x0F}"
        raise RefusedFile("unsupported_syntax", name, syntax=syntax)
    limits.check_pixels(name, frame.width, frame.height)
    with _decoding(name, len(data)):
        return read_whole_jpeg(data[: frame.end], frame, name, may_warn=is_closed), 8


def _closed(data: bytes, name: str) -> tuple[bytes, JpegFrame, bool]:
    """The file with its end marker, its frame, and whether it had one.

    Some programs leave the marker out. Whether a part of the picture is missing too, decoding will tell.
    """
    try:
        return data, walk_jpeg(data, name), True
    except RefusedFile as cut:
        if cut.code != "truncated":
            raise
    return data + EOI, walk_jpeg(data + EOI, name), False


def read_png(data: bytes, name: str, limits: Limits) -> tuple[np.ndarray, int]:
    """(H, W) uint8 or uint16, and 8 or 16. Raises RefusedFile."""
    header = walk_png(data, name)
    limits.check_pixels(name, header.width, header.height)
    if header.frames > 1:
        raise RefusedFile("multiple_frames", name, count=header.frames)
    with _decoding(name, len(data)):
        picture = PngImageFile(io.BytesIO(data))
        ImageOps.exif_transpose(picture, in_place=True)  # or it copies a picture that needs no turn
        if picture.mode in _WIDE_MODES:
            return np.asarray(picture).astype(np.uint16, copy=False), 16
        return luma(picture), 8


def read_tiff(data: bytes, name: str, limits: Limits) -> tuple[np.ndarray, int]:
    """(H, W) uint8 or uint16 over the full range, and the stored bits. Raises RefusedFile."""
    with _decoding(name, len(data), tag_warnings="error"):
        picture = TiffImageFile(io.BytesIO(data))
        pages = [page for page in range(picture.n_frames) if not _is_preview(picture, page)] or [0]
        if len(pages) > 1:
            raise RefusedFile("multiple_frames", name, count=len(pages))
        picture.seek(pages[0])
        limits.check_pixels(name, *picture.size)
        tags = picture.tag_v2
        offsets, counts = _TILES if _TILES[0] in tags else _STRIPS
        check_tiff(data, name, list(tags.get(offsets, ())), list(tags.get(counts, ())))
        _check_memory(picture, name)
        bits = int(tags.get(_BITS, (1,))[0])
        signed = tags.get(_SAMPLE_FORMAT, (1,))[0] == _SIGNED
        inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        picture.load()  # applies the orientation tag
        if picture.mode in _WIDE_MODES:
            return _wide(np.asarray(picture).astype(np.uint16, copy=False), bits, inverted), bits
        if picture.mode == "I" and signed and bits == 16:
            shifted = (np.asarray(picture) + 0x8000).astype(np.uint16)
            return _wide(shifted, bits, inverted), bits
        if picture.mode in {"I", "F"}:
            raise RefusedFile("unsupported_pixels", name, pixels=f"{bits} bit")
        return luma(picture), 8


def _check_memory(picture: TiffImageFile, name: str) -> None:
    """Refuses what can't be unpacked in the memory of a decode child: libtiff unpacks a strip as a whole."""
    tags, (width, height) = picture.tag_v2, picture.size
    rows, columns = int(tags.get(_ROWS, height)), width
    if _TILE_SIDES[0] in tags:
        columns, rows = (int(tags.get(side, 0)) for side in _TILE_SIDES)
    sample_bits = sum(int(bits) for bits in tags.get(_BITS, (1,)))
    strip = min(rows, 2 * height) * min(columns, 2 * width) * sample_bits // 8
    if strip + _PILLOW_BYTES * width * height > _MOST_UNPACKED:
        raise RefusedFile("sandbox_memory", name)


def _is_preview(picture: TiffImageFile, page: int) -> bool:
    """Whether a page is a smaller copy of another one, as scanners add it."""
    picture.seek(page)
    tags = picture.tag_v2
    return bool(int(tags.get(_NEW_SUBFILE, 0)) & 1) or tags.get(_SUBFILE) == _REDUCED


def _wide(stored: np.ndarray, bits: int, inverted: bool) -> np.ndarray:
    """``bits`` stored bits over the full range of uint16, bright bone."""
    # Pillow inverts WhiteIsZero for 8 bits, but not for 16.
    upright = np.uint16((1 << bits) - 1) - stored if inverted else stored
    return upright << (16 - bits)


@contextmanager
def _decoding(
    name: str, size: int, tag_warnings: Literal["ignore", "error"] = "ignore"
) -> Iterator[None]:
    """Turns Pillow's errors on a bad file into a refusal. Bugs and lack of memory are not caught.

    Plugin classes are used instead of ``Image.open``, because that has a pixel limit of its own. Pillow only
    warns if a tag lies after the end of the file. For a TIFF this is an error, because tags are its
    structure; in the EXIF block of a JPEG it is ignored.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings(tag_warnings, "Truncated File Read|Possibly corrupt EXIF")
            yield
    except RefusedFile:
        raise
    except UserWarning:
        raise RefusedFile.cut_off(name, size) from None
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, struct.error) as bad:
        if "truncated" in str(bad).lower():
            raise RefusedFile.cut_off(name, size) from bad
        raise RefusedFile("damaged", name) from bad
