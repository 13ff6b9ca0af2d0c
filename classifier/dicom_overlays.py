"""What is drawn over a DICOM picture (PS3.3 C.9.2): side markers, "weight bearing", arrows.

A malformed overlay counts as none: it never costs the picture.
"""

import numpy as np

from classifier.dicom_header import Header
from classifier.dicom_layout import Layout

_GROUPS = range(0x6000, 0x6020, 2)


def has_embedded(header: Header, layout: Layout) -> bool:
    """Whether an overlay is in bits of the pixels that the picture leaves free, as old devices have it."""
    return any(_embedded_bit(header, group, layout) is not None for group in _GROUPS)


def overlays(header: Header, samples: np.ndarray, layout: Layout) -> np.ndarray | None:
    """(H, W) bool, where something is drawn; None: nothing.

    ``samples``: (H, W) as they are in the file, with the bits that the picture leaves free.
    """
    drawn: np.ndarray | None = None  # most films have none: no pixel is looked at for it
    # A shutter's bitmap is an overlay too, but nothing to be drawn.
    shutter = header.integer("ShutterOverlayGroup")
    for group in _GROUPS:
        if group == shutter:
            continue
        bit = _embedded_bit(header, group, layout)
        if bit is not None:
            plane: np.ndarray | None = samples >> bit & 1 != 0
        else:
            plane = overlay_plane(header, group, samples.shape)
        drawn = plane if drawn is None else drawn if plane is None else drawn | plane
    return drawn if drawn is not None and drawn.any() else None


def overlay_plane(header: Header, group: int, shape: tuple[int, int]) -> np.ndarray | None:
    """The overlay of one group on a picture of this shape, or None."""
    if group not in _GROUPS:
        return None
    overlay = header.overlay(group)
    data = overlay.bits("OverlayData")
    rows, columns = overlay.integer("OverlayRows"), overlay.integer("OverlayColumns")
    if not data or not rows or not columns or min(rows, columns) < 1:
        return None
    if rows * columns > len(data) * 8:
        return None
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    plane = bits[: rows * columns].reshape(rows, columns).astype(bool)
    origin = overlay.integers("OverlayOrigin", 2)
    top, left = origin if len(origin) == 2 else (1, 1)
    return _placed(plane, top - 1, left - 1, shape)


def _embedded_bit(header: Header, group: int, layout: Layout) -> int | None:
    overlay = header.overlay(group)
    bit = overlay.integer("OverlayBitPosition")
    used = range(layout.unused, layout.unused + layout.stored)
    if bit is None or overlay.has("OverlayData") or bit in used or not 0 <= bit < layout.allocated:
        return None
    return bit


def _placed(plane: np.ndarray, top: int, left: int, shape: tuple[int, int]) -> np.ndarray:
    """A plane whose upper left corner lies at (top, left), which may be outside the picture."""
    placed = np.zeros(shape, bool)
    first_row, first_column = max(top, 0), max(left, 0)
    last_row, last_column = (
        min(top + plane.shape[0], shape[0]),
        min(left + plane.shape[1], shape[1]),
    )
    if first_row < last_row and first_column < last_column:
        placed[first_row:last_row, first_column:last_column] = plane[
            first_row - top : last_row - top, first_column - left : last_column - left
        ]
    return placed
