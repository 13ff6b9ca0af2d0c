"""How a picture is shown: curves from pixel to grey, what lies outside of it, and what is drawn over it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

# If no curve of the file is used: clips collimator edges, markers and dead pixels, and keeps the bone.
_PERCENTILES = (0.5, 99.5)
_BLACK, _WHITE = 0, 255
# Pixels whose greys are looked up at a time. numpy makes an index of 8 bytes of each: those of a whole film
# are 48 MB of fresh memory, which takes longer than looking up.
_STRIP = 1 << 17


@dataclass(frozen=True)
class Table:
    """``grey``: (codes,) uint8, the grey of a screen for each code; a pixel is ``code << (full - bits)``.

    ``name``: the header's own. ``window``: centre and width after the rescale; None of a VOI LUT.
    """

    grey: np.ndarray = field(repr=False)
    name: str = ""
    window: tuple[float, float] | None = None

    def as_json(self) -> dict[str, Any]:
        center, width = self.window or (None, None)
        return {"name": self.name, "center": center, "width": width}


@dataclass(frozen=True)
class Display:
    """``tables``: those of the header that show something, the default first.

    ``is_beside``: the header has some, and none shows anything. ``outside``, ``overlay``: (H, W) bool, what
    is no picture and what is drawn over it; None: nothing. ``levels``: slope and intercept that make of a
    code (as of ``Table``) the value that windows are in; None where there are no windows. ``function``: what
    a window turns values into grey with.
    """

    tables: tuple[Table, ...] = ()
    is_beside: bool = False
    outside: np.ndarray | None = field(default=None, repr=False)
    overlay: np.ndarray | None = field(default=None, repr=False)
    levels: tuple[float, float] | None = None
    function: str = "LINEAR"

    @property
    def by(self) -> str:
        """What makes greys of the pixels: ``triage.vocabulary.DisplayBy``."""
        if self.tables:
            return "table" if self.tables[0].window is None else "window"
        return "values_beside_window" if self.is_beside else "values"

    def as_json(self) -> dict[str, Any]:
        return {"by": self.by, "curves": [table.as_json() for table in self.tables]}

    def named(self, name: Callable[[str], str]) -> Self:
        """With other names of its tables."""
        return replace(self, tables=tuple(replace(one, name=name(one.name)) for one in self.tables))


def are_greys(pixels: np.ndarray, display: Display) -> bool:
    """Whether pixels are shown as they are: 8 bits, of which no header says anything else."""
    return pixels.dtype == np.uint8 and not display.tables and not display.is_beside


def shown(pixels: np.ndarray, bits: int, display: Display, number: int = 0) -> np.ndarray:
    """(H, W) uint8 for a screen, by the table of this number.

    Without a table the values themselves decide: 8 bits are shown as they are, since whoever exports them has
    chosen the greys, and more bits by percentiles.
    """
    if display.tables:
        full = 8 * pixels.dtype.itemsize
        grey = _looked_up(display.tables[number].grey, pixels, full - bits)
    elif are_greys(pixels, display):
        grey = pixels.copy()
    else:
        grey = _by_percentiles(pixels, display.outside)
    if display.outside is not None:
        grey[display.outside] = _BLACK
    if display.overlay is not None:
        grey[display.overlay] = _WHITE
    return grey


def range_of(pixels: np.ndarray, outside: np.ndarray | None) -> tuple[float, float]:
    """The pixels that are shown black and white where the values themselves decide."""
    # Every fourth pixel each way is enough for a percentile, and sixteen times faster.
    sample = pixels[::4, ::4]
    if outside is not None and not outside[::4, ::4].all():
        sample = sample[~outside[::4, ::4]]
    low, high = np.percentile(sample, _PERCENTILES)
    return float(low), float(max(high, low + 1))


def _by_percentiles(pixels: np.ndarray, outside: np.ndarray | None) -> np.ndarray:
    low, high = range_of(pixels, outside)
    levels = np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float32)
    ramp = (levels - low) / (high - low)
    return _looked_up((ramp.clip(0, 1) * 255).round().astype(np.uint8), pixels, 0)


def _looked_up(table: np.ndarray, pixels: np.ndarray, shift: int) -> np.ndarray:
    """``table[pixels >> shift]``, a few rows at a time."""
    grey = np.empty(pixels.shape, table.dtype)
    rows = max(1, _STRIP // pixels.shape[1])
    for top in range(0, len(pixels), rows):
        codes = pixels[top : top + rows] >> shift
        # "wrap": every code has its place in the table, and numpy then writes to ``out`` without a copy.
        np.take(table, codes, out=grey[top : top + rows], mode="wrap")
    return grey
