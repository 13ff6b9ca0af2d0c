"""VOI transforms: how stored values become the grey of a screen (PS3.3 C.11.2).

A header can have several: tables (VOI LUT Sequence), and windows with a function. The first one is the
default, and the others are alternatives.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from classifier.dicom_header import Header
from classifier.facts import MOST_CURVES, MOST_WINDOWS
from classifier.lut import Lut


@dataclass(frozen=True)
class Curve:
    """``grey``: (codes,) float32, 0 (black) to 1 (white), of each stored value from the lowest on.

    ``name``: the header's own, a free text. ``window``: centre and width of a window; None of a table.
    """

    grey: np.ndarray
    name: str
    window: tuple[float, float] | None = None


def curves(header: Header, levels: np.ndarray) -> list[Curve]:
    """Every valid curve of a header, the default first: tables come before windows, as pydicom does it.

    ``levels``: (codes,) float64, the value after rescale or modality LUT of each stored value.
    """
    return [*_tables(header, levels), *_windows(header, levels)][:MOST_CURVES]


def window(levels: np.ndarray, center: float, width: float, function: str = "") -> np.ndarray:
    """(codes,) float32 of 0 to 1. ``function``: LINEAR_EXACT or SIGMOID; anything else is LINEAR.

    Formulas of PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID) and C.11.2.1.3.2 (LINEAR_EXACT).
    """
    if function == "SIGMOID":
        # Beyond ±60 it is 0 or 1 in any precision; exp() would overflow.
        grey = 1 / (1 + np.exp((-4 * (levels - center) / width).clip(-60, 60)))
    elif function == "LINEAR_EXACT" or width < 1:
        # LINEAR has no width below 1. Devices write one where a rescale makes small numbers of large ones,
        # and mean the range of values. DCMTK shows such a window as a threshold: two greys.
        grey = (levels - center) / width + 0.5
    else:
        # Width 1 is a threshold.
        grey = (levels - (center - 0.5)) / max(width - 1, 1e-6) + 0.5
    return grey.clip(0, 1).astype(np.float32)


def function_of(header: Header) -> str:
    """LINEAR, LINEAR_EXACT or SIGMOID."""
    said = header.line("VOILUTFunction").upper()
    return said if said in ("LINEAR_EXACT", "SIGMOID") else "LINEAR"


def _windows(header: Header, levels: np.ndarray) -> Iterator[Curve]:
    function = function_of(header)
    names = header.line("WindowCenterWidthExplanation").split("\\")
    for index in range(MOST_WINDOWS):
        center, width = header.number("WindowCenter", index), header.number("WindowWidth", index)
        if center is not None and width is not None and width > 0:
            name = names[index].strip() if index < len(names) else ""
            yield Curve(window(levels, center, width, function), name, (center, width))


def _tables(header: Header, levels: np.ndarray) -> Iterator[Curve]:
    for item in header.items("VOILUTSequence")[:MOST_CURVES]:
        lut = Lut.of(item)
        if lut is None:
            continue
        # The bits of the descriptor, unless the entries use few of them: some devices always write 16, and
        # then DCMTK shows the picture nearly black.
        top, highest = (1 << lut.bits) - 1, int(lut.entries.max())
        if highest * 16 <= top:
            top = (1 << max(highest.bit_length(), 1)) - 1
        yield Curve((lut.at(levels) / np.float32(top)).clip(0, 1), lut.name)


def shows_something(curve: Curve, histogram: np.ndarray) -> bool:
    """Whether at least one in a hundred pixels differs from all others in being neither black nor white.

    A window beside the data shows a blank picture. A threshold within the data shows something: both black
    and white. A table beside the data may show one grey of its own: that is nothing either, unless the
    picture itself has but one value.

    Args:
        histogram: (codes,) pixels that have each stored value.
    """
    level = np.round(curve.grey * 255)
    black, white = histogram[level == 0].sum(), histogram[level == 255].sum()
    total = histogram.sum()
    greys = np.bincount(level.astype(np.int64), weights=histogram)
    if (total - greys.max()) * 100 < total <= (total - histogram.max()) * 100:
        return False
    return bool((total - black - white) * 100 >= total or min(black, white) * 100 >= total)
