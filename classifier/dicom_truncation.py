"""Checks that the pixel data of a DICOM file are complete and of the size that the header says."""

from pydicom import uid
from pydicom.encaps import generate_frames

from classifier.dicom_header import Header
from classifier.dicom_layout import Layout
from classifier.raster import read_jpeg
from classifier.refused_file import Limits, RefusedFile
from classifier.truncation import walk_jpeg

_EOI = b"\xff\xd9"  # ends JPEG, JPEG-LS and JPEG 2000 alike
_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"  # ends a sequence of fragments
_J2K_START = b"\xff\x4f\xff\x51"  # SOC, SIZ


def check_pixel_data(
    header: Header, syntax: uid.UID, layout: Layout, data: bytes, name: str, limits: Limits
) -> None:
    """Raises RefusedFile before anything is unpacked."""
    content = header.content("PixelData")
    if content is None:
        raise RefusedFile("malformed_header", name, keyword="PixelData")
    if not syntax.is_encapsulated:
        return _check_native(layout, len(content), len(data), name)
    end = header.content_end("PixelData")
    if data[end : end + len(_DELIMITER)] != _DELIMITER:
        raise RefusedFile.cut_off(name, len(data))
    try:
        frame = next(generate_frames(content, number_of_frames=1))
    except (ValueError, StopIteration) as bad:
        raise RefusedFile("damaged", name) from bad
    if syntax == uid.RLELossless:
        return None  # pydicom counts what each segment unpacks to
    # A fragment has an even length, so writers append 00 or FF to the end marker.
    if not frame.rstrip(b"\0\xff").endswith(_EOI):
        raise RefusedFile.cut_off(name, len(data))
    if _size(frame, name) != (layout.columns, layout.rows):
        raise RefusedFile("damaged", name)
    if syntax == uid.JPEGBaseline8Bit:
        read_jpeg(frame, name, limits)  # checks that no part was padded
    return None


def _check_native(layout: Layout, held: int, file_size: int, name: str) -> None:
    # With YBR_FULL_422 two pixels share their colour.
    samples = 2 if layout.photometric == "YBR_FULL_422" else layout.samples
    missing = layout.rows * layout.columns * samples * layout.allocated // 8 - held
    if missing > 0:
        raise RefusedFile.cut_off(name, file_size, file_size + missing)


def _size(frame: bytes, name: str) -> tuple[int, int]:
    """(width, height) of the codestream's own header: a decompression bomb may have a small DICOM header."""
    if not frame.startswith(_J2K_START):
        found = walk_jpeg(frame, name, to_first_scan=True)
        return found.width, found.height
    # SIZ: length, capabilities, then the far and (8 bytes on) the near corner of the picture.
    right, bottom, left, top = (int.from_bytes(frame[i : i + 4], "big") for i in (8, 12, 16, 20))
    return right - left, bottom - top
