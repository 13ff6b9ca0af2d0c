"""Stored grey values to bright-bone pixels over the full range, and how the header wants them shown."""

from dataclasses import dataclass

import numpy as np

from classifier.aspect import credible
from classifier.dicom_header import Header
from classifier.dicom_layout import Layout, number
from classifier.dicom_masks import no_picture, outside_shutter
from classifier.dicom_overlays import overlays
from classifier.dicom_padding import padding
from classifier.display import Display, Table
from classifier.lut import Lut
from classifier.refused_file import RefusedFile
from classifier.voi import Curve, curves, function_of, shows_something

# Distance between rows over distance between columns, the surest first; Pixel Aspect Ratio is the same.
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
_DARKEST = 0.5  # percentile of the picture's values


@dataclass(frozen=True)
class Grey:
    """``pixels`` (H, W): uint8, or uint16 over the full range (``code << (16 - bits)``), bright bone."""

    pixels: np.ndarray
    bits: int
    display: Display


@dataclass(frozen=True)
class _Scale:
    """Codes are stored values from the lowest one on. ``levels``: (codes,) their values after the rescale."""

    bits: int
    levels: np.ndarray
    is_inverted: bool  # the pixel of a code is top - code
    is_white_zero: bool  # the lowest level is shown white


def grey_of(samples: np.ndarray, header: Header, layout: Layout, name: str) -> Grey:
    """``samples``: (H, W) unpacked, as they are in the file.

    Padding and what lies outside a shutter is no picture: in ``pixels`` it has the picture's darkest value,
    so that a network neither sees it nor computes its percentiles with it. Raises RefusedFile for a rescale
    that is no number.
    """
    codes = layout.codes(samples)
    shutter = outside_shutter(header, aspect_of(header), codes.shape)
    outside = no_picture(padding(header, samples, codes, layout), shutter, codes)
    codes, scale = _modality(codes, header, layout, name)
    top, full = (1 << scale.bits) - 1, 8 if scale.bits <= 8 else 16
    tables, is_beside = _tables(header, codes, scale, outside)
    drawn = overlays(header, samples, layout)
    # In place: a picture of 50 million pixels is 100 MB.
    if scale.is_inverted:
        np.subtract(np.uint16(top), codes, out=codes)
    _hide(codes, outside)
    codes <<= np.uint16(full - scale.bits)
    pixels = codes.astype(np.uint8) if full == 8 else codes
    display = Display(tables, is_beside, outside, drawn, _line(scale), function_of(header))
    return Grey(pixels, scale.bits, display)


def shown_as_it_is(luma: np.ndarray, header: Header, layout: Layout) -> Grey:
    """A colour capture: windows and tables are for grey values only (PS3.3 C.11.2)."""
    outside = outside_shutter(header, aspect_of(header), luma.shape)
    drawn = overlays(header, luma, layout)
    _hide(luma, outside)
    return Grey(luma, 8, Display(outside=outside, overlay=drawn))


def aspect_of(header: Header) -> float:
    """Height of a pixel over its width; 1 where the header says nothing of it, or nothing credible."""
    for keyword in _SPACINGS:
        rows, columns = header.number(keyword, 0), header.number(keyword, 1)
        if rows is not None and columns is not None and min(rows, columns) > 0:
            return credible(rows / columns)
    return 1.0


def _modality(
    codes: np.ndarray, header: Header, layout: Layout, name: str
) -> tuple[np.ndarray, _Scale]:
    """Codes and their levels after the modality LUT, or else the rescale.

    A linear rescale doesn't change a picture, except for its sign. So codes stay, and only their levels are
    other ones. Presentation LUT Shape is not asked: by PS3.3 C.8.11.3.1.2 it repeats what Photometric
    Interpretation says. DCMTK follows it where it contradicts, but devices are known that write it wrong.
    """
    stored = np.arange(layout.top + 1, dtype=np.float64) - layout.lift
    is_white_zero = layout.photometric == "MONOCHROME1"
    if header.has("ModalityLUTSequence"):
        lut = _modality_lut(header, name)
        top = (1 << lut.bits) - 1
        table = lut.at(stored)
        # A table beside the data makes one grey of all: no picture for the reader, and none for the network.
        lowest, highest = int(codes.min()), int(codes.max())
        if lowest < highest and np.ptp(table[lowest : highest + 1]) == 0:
            raise RefusedFile("malformed_header", name, keyword="LUTDescriptor")
        codes = table[codes]
        levels = np.arange(top + 1, dtype=np.float64)
        return codes, _Scale(lut.bits, levels, is_white_zero, is_white_zero)
    slope = number(header, "RescaleSlope", name, 1)
    levels = stored * slope + number(header, "RescaleIntercept", name, 0)
    return codes, _Scale(layout.stored, levels, is_white_zero != (slope < 0), is_white_zero)


def _modality_lut(header: Header, name: str) -> Lut:
    tables = header.items("ModalityLUTSequence")
    if not tables:
        raise RefusedFile("malformed_header", name, keyword="ModalityLUTSequence")
    lut = Lut.of(tables[0])
    if lut is None:
        raise RefusedFile("malformed_header", name, keyword="LUTDescriptor")
    return lut


def _hide(pixels: np.ndarray, outside: np.ndarray | None) -> None:
    """Writes the picture's darkest value outside.

    A percentile and not the least value: a single dead pixel would take the contrast of all others.
    """
    if outside is None:
        return
    inside = pixels[::4, ::4][~outside[::4, ::4]]
    if not inside.size:
        inside = pixels[~outside]
    darkest = np.percentile(inside, _DARKEST, method="lower")  # "lower": a value that is there
    pixels[outside] = darkest.astype(pixels.dtype)


def _line(scale: _Scale) -> tuple[float, float] | None:
    """Slope and intercept of the levels, by the codes as they are in the pixels; None beyond precision."""
    first, last = scale.levels[[0, -1]][:: -1 if scale.is_inverted else 1]
    slope = (last - first) / (len(scale.levels) - 1)
    return (float(slope), float(first)) if slope and np.isfinite([slope, first]).all() else None


def _tables(
    header: Header, codes: np.ndarray, scale: _Scale, outside: np.ndarray | None
) -> tuple[tuple[Table, ...], bool]:
    """The curves of the header that show something, and whether there are only others."""
    found = curves(header, scale.levels)
    if not found:
        return (), False
    # Every fourth pixel each way is enough to see whether one in a hundred is neither black nor white.
    sample = codes[::4, ::4] if outside is None else codes[::4, ::4][~outside[::4, ::4]]
    histogram = np.bincount(sample.ravel(), minlength=len(scale.levels))
    tables: list[Table] = []
    for curve in found:
        if shows_something(curve, histogram):
            table = _table(curve, scale)
            # Devices repeat a curve under several names, or in two forms: one of them is enough.
            if not any(np.array_equal(table.grey, known.grey) for known in tables):
                tables.append(table)
    return tuple(tables), not tables


def _table(curve: Curve, scale: _Scale) -> Table:
    grey = 1 - curve.grey if scale.is_white_zero else curve.grey
    upright = grey[::-1] if scale.is_inverted else grey
    return Table((upright * 255).round().astype(np.uint8), curve.name, curve.window)
