"""Checks that the pixel data of a DICOM file are complete and of the size that the header says."""

from pydicom import uid
from pydicom.encaps import generate_frames

from classifier.dicom_header import Header
from classifier.dicom_layout import Layout
from classifier.raster import read_jpeg
from classifier.refused_file import Limits, RefusedFile
from classifier.truncation import walk_jpeg

_EOI = b"\xff\xd9"  # ends JPEG, JPEG-LS and JPEG 2000 alike
_ITEM = b"\xfe\xff\x00\xe0"  # begins a fragment; its length follows
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"  # ends a sequence of fragments
_J2K_START = b"\xff\x4f\xff\x51"  # SOC, SIZ
_JP2_START = b"\0\0\0\x0cjP  \r\n\x87\n"


def check_pixel_data(
    header: Header, syntax: uid.UID, layout: Layout, data: bytes, name: str, limits: Limits
) -> None:
    """Raises RefusedFile before anything is unpacked."""
    content = header.content("PixelData")
    if content is None:
        raise RefusedFile("malformed_header", name, keyword="PixelData")
    if not syntax.is_encapsulated:
        return _check_native(layout, len(content), len(data), name)
    # A codestream has no such bits. GDCM aborts the process over the contradiction.
    if layout.unused:
        raise RefusedFile("malformed_header", name, keyword="HighBit")
    end = fragments_end(content)
    delimited = data.startswith(DELIMITER[:4], header.content_end("PixelData"))
    # RLE has no end marker of its own: without the delimiter, zeros that fill a cut file pass for pixels.
    if not _is_end(content[end:]) or (syntax == uid.RLELossless and not delimited):
        raise RefusedFile.cut_off(name, len(data))
    return _check_frame(content[:end], syntax, layout, len(data), name, limits)


def _check_frame(
    fragments: bytes, syntax: uid.UID, layout: Layout, file_size: int, name: str, limits: Limits
) -> None:
    try:
        frame = next(generate_frames(fragments, number_of_frames=1))
    except (ValueError, StopIteration) as bad:
        raise RefusedFile("damaged", name) from bad
    if syntax == uid.RLELossless:
        return  # pydicom counts what each segment unpacks to
    # A fragment has an even length, so writers append 00 or FF to the end marker.
    if not frame.rstrip(b"\0\xff").endswith(_EOI):
        raise RefusedFile.cut_off(name, file_size)
    if _size(frame, name) != (layout.columns, layout.rows):
        raise RefusedFile("damaged", name)
    if syntax == uid.JPEGBaseline8Bit:
        read_jpeg(frame, name, limits)  # checks that no part was padded


def fragments_end(content: bytes) -> int:
    """The byte of the pixel data behind its last complete fragment."""
    at = 0
    while content.startswith(_ITEM, at):
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
        if end > len(content) or at + 8 > len(content):
            break
        at = end
    return at


def _is_end(rest: bytes) -> bool:
    """Whether nothing of a fragment follows the last complete one.

    Devices leave the delimiter out, write zeros for it, or give it a length. pydicom ends the content before
    a delimiter, so mostly nothing is left. Of zeros exactly eight: with another number of them, a part of the
    last fragment is missing, and zeros stand in its place.
    """
    return rest == bytes(8) or rest.startswith(DELIMITER[:4]) or DELIMITER.startswith(rest)


def _check_native(layout: Layout, held: int, file_size: int, name: str) -> None:
    # With YBR_FULL_422 two pixels share their colour.
    samples = 2 if layout.photometric == "YBR_FULL_422" else layout.samples
    missing = layout.rows * layout.columns * samples * layout.allocated // 8 - held
    if missing > 0:
        raise RefusedFile.cut_off(name, file_size, file_size + missing)


def _size(frame: bytes, name: str) -> tuple[int, int]:
    """(width, height) of the codestream's own header: a decompression bomb may have a small DICOM header."""
    if frame.startswith(_JP2_START):
        frame = _codestream(frame, name)
    if not frame.startswith(_J2K_START):
        found = walk_jpeg(frame, name, to_first_scan=True)
        return found.width, found.height
    # SIZ: length, capabilities, then the far and (8 bytes on) the near corner of the picture.
    right, bottom, left, top = (int.from_bytes(frame[i : i + 4], "big") for i in (8, 12, 16, 20))
    return right - left, bottom - top


def _codestream(jp2: bytes, name: str) -> bytes:
    """The JPEG 2000 codestream in a JP2 file, which some devices store where the codestream belongs.

    Boxes of ISO/IEC 15444-1, annex I: a length, which counts itself, and a type.
    """
    at = 0
    while at + 8 <= len(jp2):
        length, kind = int.from_bytes(jp2[at : at + 4], "big"), jp2[at + 4 : at + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(jp2[at + 8 : at + 16], "big"), 16
        end = len(jp2) if length == 0 else at + length
        if kind == b"jp2c":
            return jp2[at + head : end]
        if end <= at + head - 1:
            break
        at = end
    raise RefusedFile("damaged", name)
