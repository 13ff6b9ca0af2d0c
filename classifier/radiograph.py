"""Reads bytes into a grey radiograph. No Django, no torch; DICOM libraries are loaded for DICOM only."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from classifier.dicom_without_meta import has_preamble, is_bare
from classifier.display import Display
from classifier.facts import DicomFacts
from classifier.indications import Subject
from classifier.preprocess import with_square_pixels
from classifier.raster import read_jpeg, read_png, read_tiff
from classifier.refused_file import FOUND, MESSAGES, Limits, RefusedFile, place_of
from classifier.rendition_file import read_rendition_file
from classifier.rendition_header import MAGIC, MOST_PIXELS

__all__ = [
    "MESSAGES",
    "Limits",
    "Radiograph",
    "RefusedFile",
    "radiograph_of_rendition",
    "read_radiograph",
]

FileFormat = Literal["jpeg", "png", "tiff", "dicom"]

logger = logging.getLogger(__name__)
_READERS = {"jpeg": read_jpeg, "png": read_png, "tiff": read_tiff}
_MAGIC = (
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),  # BigTIFF
    (0, b"MM\0+", "tiff"),
    (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"),
    (8, b"WEBP", "webp"),
    (0, b"%PDF", "pdf"),
    (0, b"PK\x03\x04", "zip"),
)


# The brands of ISO/IEC 14496-12 that are pictures. All such files begin alike; the other brands are videos.
_PICTURE_BRANDS = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"mif2", b"msf1", b"avif", b"avis", b"miaf", b"jpeg", b"jpgs"),
}


@dataclass(frozen=True)
class Radiograph:
    """One radiograph, bright bone on dark ground.

    ``pixels`` is (H, W): uint8, or uint16 over the full range when the file stores 9 to 16 bits (shifted
    left, so that nothing is lost: ``pixels >> (16 - bits)`` are the stored values, except where padding and
    shutters leave no picture). ``display``: how it is shown. ``aspect``: height of a pixel over its width.
    ``modality`` is "" outside DICOM. ``tags`` is
    ``classifier.dicom_tags.read_tags`` of a DICOM file, else empty; ``identity`` is
    ``classifier.dicom_identity.read_identity``: a patient's values, which leave the process as digests.
    ``facts``: study, series and instance of a DICOM file; None of any other file. ``sender``: what the
    picture shows, as the sender says (``classifier.indications.Subject.of``); may be empty.
    """

    pixels: np.ndarray
    bits: int
    kind: FileFormat
    modality: str = ""
    display: Display = Display()  # noqa: RUF009 - it can't be changed
    aspect: float = 1.0
    tags: dict[str, str | int | None] = field(default_factory=dict)
    identity: dict[str, str] = field(default_factory=dict, repr=False)
    sender: Mapping[str, str] = field(default_factory=dict)
    facts: DicomFacts | None = None

    @cached_property
    def square(self) -> np.ndarray:
        """``pixels`` with square pixels: what a network reads, and what boxes and maps refer to."""
        return with_square_pixels(self.pixels, self.aspect)

    @property
    def subject(self) -> Subject:
        """What the picture shows, as sender and header say."""
        return Subject.of(self.modality, self.tags, self.sender)


def read_radiograph(
    data: bytes,
    name: str,
    limits: Limits = Limits(),  # noqa: B008
    any_modality: bool = False,
) -> Radiograph:
    """Reads one JPEG, PNG, TIFF or DICOM file. The content decides the format, whatever the name says:
    telephones and old consoles give endings that are wrong, and their users can't change them.

    EXIF orientation is applied, transparency is put on black, colour becomes luma. Raises RefusedFile for
    another format, a truncated or damaged file, several pictures in one file, or more bytes or pixels than
    allowed (checked in the header, before decoding). An unexpected error becomes a RefusedFile too, so that
    a caller can continue with the next file. MemoryError is not caught.

    ``any_modality``: accept DICOM pictures of other modalities; the classifier then says why they are not
    assessable.
    """
    limits.check_bytes(name, len(data))
    try:
        return _read(data, name, limits, any_modality)
    except (RefusedFile, MemoryError):
        raise
    except Exception as error:
        logger.error("reading ended with %s", place_of(error))
        raise RefusedFile("unexpected", name) from error


def _read(data: bytes, name: str, limits: Limits, any_modality: bool) -> Radiograph:
    kind = _format_of(data, name)
    if kind == "dicom":
        from classifier.dicom import (
            read_dicom,
        )  # importing it takes 0.3 s, which other files needn't wait for

        found = read_dicom(data, name, limits, any_modality)
        header = (found.modality, found.display, found.aspect, found.tags, found.identity)
        return Radiograph(found.pixels, found.bits, kind, *header, facts=found.facts)
    pixels, bits = _READERS[kind](data, name, limits)
    return Radiograph(pixels, bits, kind)


def radiograph_of_rendition(
    data: bytes, aspect: float = 1.0, most_pixels: int = MOST_PIXELS
) -> Radiograph:
    """Reads what ``write_rendition`` wrote, with equal pixels.

    Raises RefusedFile if it is damaged, or if its header names more than ``most_pixels``: memory is taken
    for that many.

    The stored bits, the aspect and how it is shown are in the image's row. Preprocessing needs the aspect
    only: the pixels span the full range.
    """
    if data.startswith(MAGIC):
        pixels = read_rendition_file(data, "rendition.cgr", most_pixels)
        return Radiograph(pixels, pixels.dtype.itemsize * 8, "png", aspect=aspect)
    # Rows of before have a PNG, and nobody writes them again.
    pixels, bits = read_png(data, "rendition.png", Limits(pixels=most_pixels))
    return Radiograph(pixels, bits, "png", aspect=aspect)


def _format_of(data: bytes, name: str) -> FileFormat:
    """The content's format. Raises RefusedFile if it isn't a picture."""
    found = _content(data)
    if found not in {*_READERS, "dicom"}:
        raise RefusedFile("not_an_image", name, found=FOUND[found])
    return found  # type: ignore[return-value]


def _content(data: bytes) -> str:
    """A key of ``refused_file.FOUND``."""
    if has_preamble(data) or is_bare(data):
        return "dicom"
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in _PICTURE_BRANDS else "video"
    for offset, magic, kind in _MAGIC:
        if data.startswith(magic, offset):
            return kind
    start = data[:512]
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as bad:
        # The sample may end inside a character.
        text = "" if bad.start < len(start) - 3 else start[: bad.start].decode("utf-8")
    printable = text and all(sign.isprintable() or sign in "\r\n\t\ufeff" for sign in text)
    return "text" if printable else "unknown"
