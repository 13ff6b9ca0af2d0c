"""What a viewer has to know to make of a rendition's pixels the greys of its display."""

from typing import Any

import numpy as np

from classifier.display import Display, are_greys, range_of
from classifier.facts import MOST_RUNS
from classifier.radiograph import Radiograph


def look_of(radiograph: Radiograph) -> dict[str, Any]:
    """As JSON; a code is a pixel of the rendition without its free bits (``pixel >> (full - bits)``).

    ``levels``: slope and intercept: the value that windows are in is slope × code + intercept. Null where
    the file has no such values. ``function``: what windows turn values into grey with. ``range``: the pixels
    that are black and white, null of a display by a curve. ``covered``: the display hides or draws something
    that the rendition doesn't. ``tables``: of each curve [code, grey, code, grey, ...], where a grey begins;
    null of a window, and of a table with too many.
    """
    display = radiograph.display
    return {
        "levels": display.levels and list(display.levels),
        "function": display.function,
        "range": None if display.tables else _range(radiograph.pixels, display),
        "covered": display.outside is not None or display.overlay is not None,
        "tables": [_runs(one.grey) if one.window is None else None for one in display.tables],
    }


def _range(pixels: np.ndarray, display: Display) -> list[float]:
    if are_greys(pixels, display):
        return [0.0, 255.0]
    return list(range_of(pixels, display.outside))


def _runs(grey: np.ndarray) -> list[int] | None:
    starts = np.flatnonzero(np.diff(grey, prepend=np.int16(-1)))
    if len(starts) > MOST_RUNS:
        return None
    return [int(number) for pair in zip(starts, grey[starts], strict=True) for number in pair]
