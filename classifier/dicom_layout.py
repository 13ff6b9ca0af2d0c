"""The layout of a DICOM file's pixels, from its header."""

from dataclasses import dataclass, replace

import numpy as np

from classifier.dicom_header import Header
from classifier.refused_file import Limits, RefusedFile

GREY = {"MONOCHROME1", "MONOCHROME2"}
_COLOUR = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR"}


@dataclass(frozen=True)
class Layout:
    """``rows`` and ``columns`` in pixels; ``samples`` a pixel; ``allocated`` and ``stored`` bits a sample.

    ``unused``: bits below the lowest stored one; above 0 if the samples are justified to the left.
    """

    rows: int
    columns: int
    samples: int
    photometric: str
    allocated: int
    stored: int
    signed: bool
    unused: int = 0

    @property
    def is_grey(self) -> bool:
        return self.photometric in GREY

    @classmethod
    def of(cls, header: Header, name: str, limits: Limits) -> "Layout":
        """Raises RefusedFile unless there is one picture in a supported layout."""
        if not header.has("PixelData"):
            raise RefusedFile("no_pixels", name)
        rows, columns = (integer(header, keyword, name, 0) for keyword in ("Rows", "Columns"))
        limits.check_pixels(name, columns, rows)
        # Some devices write text here, such as "1.0".
        if (frames := int(number(header, "NumberOfFrames", name, 1))) > 1:
            raise RefusedFile("multiple_frames", name, count=frames)
        photometric = header.line("PhotometricInterpretation")
        allocated, stored = (
            integer(header, keyword, name, 0) for keyword in ("BitsAllocated", "BitsStored")
        )
        high = integer(header, "HighBit", name, stored - 1)  # where nearly all have it
        known = (photometric in GREY and allocated in {8, 16}) or (
            photometric in _COLOUR and allocated == stored == 8
        )
        if not (known and 2 <= stored <= allocated and stored - 1 <= high < allocated):
            raise RefusedFile(
                "unsupported_pixels", name, pixels=f"{photometric[:16]} {stored}/{allocated} bit"
            )
        samples = integer(header, "SamplesPerPixel", name, 1)
        signed = bool(integer(header, "PixelRepresentation", name))
        unused = high - (stored - 1)
        return cls(rows, columns, samples, photometric, allocated, stored, signed, unused)

    @property
    def top(self) -> int:
        """The highest code."""
        return (1 << self.stored) - 1

    @property
    def lift(self) -> int:
        """The code of the stored value 0."""
        return 1 << (self.stored - 1) if self.signed else 0

    def holding(self, highest: int) -> "Layout":
        """The layout with as many stored bits as the highest sample needs."""
        return replace(self, stored=max(self.stored, highest.bit_length()))

    def codes(self, samples: np.ndarray) -> np.ndarray:
        """(H, W) uint16, stored values from the lowest one on. Bits above the stored ones are dropped: old
        devices store overlays there.
        """
        codes = self.aligned(samples).astype(
            np.uint16
        )  # a negative value wraps around, and comes back
        if self.signed:
            codes += np.uint16(self.lift)
        codes &= np.uint16(self.top)
        return codes

    def aligned(self, values: np.ndarray) -> np.ndarray:
        """Unpacked samples with the stored bits lowest.

        High Bit is wrong if the bits that it calls unused are used, and those above the stored ones are not:
        then the samples stay, and nothing of them is cut off.
        """
        if not self.unused:
            return values
        low = (1 << self.unused) - 1
        is_wrong = (values & low).any() and (values >> self.stored == 0).all()
        return values if is_wrong else values >> self.unused


def integer(header: Header, keyword: str, name: str, absent: int | None = None) -> int:
    """Raises RefusedFile if the value isn't an integer, or if it is missing and ``absent`` is None."""
    found = header.integer(keyword)
    if found is None and not header.has(keyword):
        found = absent
    if found is None:
        raise RefusedFile("malformed_header", name, keyword=keyword)
    return found


def number(header: Header, keyword: str, name: str, absent: float) -> float:
    """Raises RefusedFile if the value isn't a number. Zero counts as missing: none of these may be 0."""
    found = header.number(keyword)
    if found is None and header.has(keyword):
        raise RefusedFile("malformed_header", name, keyword=keyword)
    return found or absent
