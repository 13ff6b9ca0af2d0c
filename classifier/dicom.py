"""DICOM to grey pixels: which objects are radiographs, and how stored values become a picture.

pydicom reads, GDCM unpacks; both are imported here only, so this module is imported lazily.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydicom import config, dcmread, uid
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.filereader import read_dataset
from pydicom.pixels import apply_color_lut, pixel_array

from classifier.dicom_depth import may_be_deeper
from classifier.dicom_facts import free_texts, read_facts
from classifier.dicom_grey import Grey, aspect_of, grey_of, shown_as_it_is
from classifier.dicom_header import Header
from classifier.dicom_identity import read_identity
from classifier.dicom_layout import Layout
from classifier.dicom_overlays import has_embedded
from classifier.dicom_padding import is_beyond_stored_bits
from classifier.dicom_tags import read_tags
from classifier.dicom_truncation import DELIMITER, check_pixel_data, fragments_end
from classifier.dicom_without_meta import has_preamble, syntax_without_meta
from classifier.display import Display
from classifier.facts import DicomFacts
from classifier.header_terms import RADIOGRAPHY
from classifier.luma import luma_of_rgb
from classifier.refused_file import FOUND, Limits, RefusedFile
from classifier.sop_classes import is_for_processing, modality_by_class, no_picture

# A wrong value representation in some other tag is no reason to refuse a radiograph.
config.settings.reading_validation_mode = config.IGNORE

# A scanned film or a screenshot has no modality of its own; only its SOP class identifies it.
_CAPTURED = {"OT", "SC", ""}
_CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"  # and its multi-frame children, .7.1 to .7.4

# Deflated is left out on purpose: it unpacks without limit before anything can be checked.
_SYNTAXES = {
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.RLELossless,
    uid.JPEGBaseline8Bit,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000Lossless,
    uid.JPEG2000,
}
# GDCM unpacks all of them. These two take less memory and time for their syntaxes: GDCM copies a picture of
# 50 million pixels so often that it needs 500 MB.
_PLUGINS = {
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
}
_PREAMBLE = 132  # 128 free bytes and DICM
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class DicomPicture:
    """``pixels`` (H, W) uint8 or uint16 over the full range, bright bone. ``aspect``: height of a pixel over
    its width.
    """

    pixels: np.ndarray
    bits: int
    modality: str
    display: Display
    tags: dict[str, str | int | None]
    # Patient data: it leaves the process as digests only.
    identity: dict[str, str] = field(repr=False)
    aspect: float = 1.0
    facts: DicomFacts = field(default_factory=DicomFacts)


def read_dicom(data: bytes, name: str, limits: Limits, any_modality: bool = False) -> DicomPicture:
    """Raises RefusedFile unless the file has one complete picture in a supported transfer syntax.

    ``any_modality``: accept pictures that are not radiographs.
    """
    data_set, syntax, sop_class = _read_header(data, name)
    header = Header(data_set)
    modality = modality_by_class(header.line("Modality").upper()[:16], sop_class)
    _check_object(header, modality, sop_class, name, any_modality)
    layout = Layout.of(header, name, limits)
    with warnings.catch_warnings(), _reading(data, name):
        warnings.simplefilter("ignore")
        # Before ``_complete``, which changes the header for pydicom: this is what the file says.
        said = (read_tags(header), read_identity(header), aspect_of(header), read_facts(header))
        check_pixel_data(header, syntax, layout, data, name, limits)
        _complete(header, syntax, layout)
        if layout.is_grey:
            grey = _grey(data_set, header, layout, name)
        else:
            grey = shown_as_it_is(_luma(data_set, layout, name), header, layout)
    return DicomPicture(
        grey.pixels,
        grey.bits,
        modality,
        grey.display.named(free_texts(header)),
        *said,
    )


def _read_header(data: bytes, name: str) -> tuple[FileDataset, uid.UID, str]:
    """The data set with compressed pixels, its transfer syntax and its SOP class.

    Refuses a file that ends early.
    """
    with warnings.catch_warnings(record=True) as caught, _reading(data, name):
        warnings.simplefilter("always")
        stream = io.BytesIO(data)
        stream.seek(_PREAMBLE if has_preamble(data) else 0)
        meta = read_dataset(stream, False, True, stop_when=lambda tag, vr, length: tag >> 16 != 2)
        syntax = Header(meta).uid("TransferSyntaxUID") or uid.UID(syntax_without_meta(data))
        sop_class = Header(meta).line("MediaStorageSOPClassUID")
        _check_class(sop_class, name)
        if syntax in uid.MPEGTransferSyntaxes:
            raise RefusedFile("not_a_picture", name, found=FOUND["clip"])
        if syntax and syntax not in _SYNTAXES:  # without one it can't be read, which is said below
            raise RefusedFile("unsupported_syntax", name, syntax=syntax.name[:80])
        stream.seek(0)
        header = dcmread(stream, force=True)  # also without a preamble
        if syntax.is_encapsulated and _ended(caught) and "PixelData" not in header:
            # Some devices leave out the delimiter behind the last fragment. check_pixel_data tells a file
            # that is whole but for that from one that is cut.
            caught.clear()
            header = dcmread(io.BytesIO(data + DELIMITER), force=True)
        Header(header.file_meta).write(TransferSyntaxUID=syntax)  # a bare data set has none
    missing = sum(
        max(raw.length - len(raw.value or b""), 0)
        for raw in header.values()
        if isinstance(raw, RawDataElement) and raw.length != _UNDEFINED
    )
    if missing:
        raise RefusedFile.cut_off(name, len(data), len(data) + missing)
    if _ended(caught):
        raise RefusedFile.cut_off(name, len(data))
    sop_class = Header(header).line("SOPClassUID") or sop_class
    _check_class(sop_class, name)
    return header, syntax, sop_class


def _check_class(sop_class: str, name: str) -> None:
    """Raises RefusedFile for an object that holds no radiograph by its class."""
    if found := no_picture(sop_class):
        raise RefusedFile("not_a_picture", name, found=FOUND[found])


def _ended(caught: list[warnings.WarningMessage]) -> bool:
    """Whether pydicom met the end of the file inside an element."""
    return any("End of file" in str(warning.message) for warning in caught)


@contextmanager
def _reading(data: bytes, name: str) -> Iterator[None]:
    """Turns errors of pydicom and GDCM, which can be of any class on a broken stream, into a refusal."""
    try:
        yield
    except (RefusedFile, MemoryError):
        raise
    except (EOFError, struct.error) as bad:
        raise RefusedFile.cut_off(name, len(data)) from bad
    except Exception as bad:
        if "bad_alloc" in str(bad) or "allocate" in str(bad):
            raise MemoryError from bad
        raise RefusedFile("damaged", name) from bad


def _check_object(
    header: Header, modality: str, sop_class: str, name: str, any_modality: bool
) -> None:
    """Raises RefusedFile if the object is not a radiograph, or not meant for display."""
    captured = sop_class.startswith(_CAPTURE_CLASS)
    known = modality in RADIOGRAPHY or (captured and modality in _CAPTURED)
    if not known and not header.has(
        "PixelData"
    ):  # a plan, a structure set: no export has a picture of it
        raise RefusedFile("not_a_picture", name, found=FOUND["object"])
    if not (known or any_modality):
        raise RefusedFile("unsupported_modality", name, modality=modality or "?")
    if is_for_processing(sop_class, header.line("PresentationIntentType").upper()):
        raise RefusedFile("for_processing", name)


def _complete(header: Header, syntax: uid.UID, layout: Layout) -> None:
    """Writes what ``layout`` knows and the header lacks, since pydicom asks for it.

    From here on the header is pydicom's. ``layout`` has what the file says of its pixels.
    """
    content = header.content("PixelData")
    if syntax.is_encapsulated and content is not None:
        header.write(PixelData=content[: fragments_end(content)])
    # pydicom blanks what lies above the stored bits. Samples that are justified to the left, and those that
    # hold an overlay or padding there, are needed whole. A codestream has no such bits.
    is_whole = (
        layout.unused or has_embedded(header, layout) or may_be_deeper(header, syntax, layout)
    )
    is_whole |= not syntax.is_encapsulated and is_beyond_stored_bits(header, layout)
    kept = layout.allocated if is_whole else layout.stored
    header.write(SamplesPerPixel=layout.samples, BitsStored=kept, HighBit=kept - 1)
    if header.has("NumberOfFrames"):
        header.write(NumberOfFrames=1)  # Layout has found no more; some devices write 0, or below


def _check_shape(values: np.ndarray, layout: Layout, name: str) -> None:
    """Raises RefusedFile if pydicom found several pictures, more than the header says."""
    if values.shape != (layout.rows, layout.columns):
        raise RefusedFile("damaged", name)


def _unpacked(data_set: FileDataset, **options: Any) -> np.ndarray:
    syntax = Header(data_set.file_meta).uid("TransferSyntaxUID")
    return pixel_array(data_set, decoding_plugin=_PLUGINS.get(syntax, ""), **options)


def _luma(data_set: FileDataset, layout: Layout, name: str) -> np.ndarray:
    """(H, W) uint8 of a colour capture; pydicom converts YBR to RGB."""
    colours = _unpacked(data_set)
    _check_shape(colours[..., 0] if layout.samples > 1 else colours, layout, name)
    if layout.photometric == "PALETTE COLOR":
        table = apply_color_lut(colours, data_set)
        colours = table if table.dtype == np.uint8 else (table >> 8).astype(np.uint8)
    return luma_of_rgb(colours)


def _grey(data_set: FileDataset, header: Header, layout: Layout, name: str) -> Grey:
    # ``Layout.codes`` drops unused bits by itself, so that raw pixels needn't be copied first. Of compressed
    # ones pydicom knows what each codec does with them.
    syntax = Header(data_set.file_meta).uid("TransferSyntaxUID")
    is_raw = not syntax.is_encapsulated
    samples = _unpacked(data_set, view_only=is_raw, correct_unused_bits=not is_raw)
    _check_shape(samples, layout, name)
    if may_be_deeper(header, syntax, layout):
        layout = layout.holding(int(samples.max()))
    return grey_of(samples, header, layout, name)
