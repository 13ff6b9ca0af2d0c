"""Pixels of a DICOM picture that are no picture: padding, and what lies outside a shutter.

Masks are (H, W) bool. A malformed attribute counts as not given: it never costs the picture.
"""

import numpy as np
from PIL import Image, ImageDraw

from classifier.dicom_header import Header
from classifier.dicom_overlays import overlay_plane
from classifier.dicom_padding import credible_padding

# If less than this share of the picture is left, the header is wrong: rather too much of it than none.
_LEAST_PICTURE = 0.01
_MOST_CORNERS = 1024
_SHAPES = {"RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP"}


def outside_shutter(header: Header, aspect: float, shape: tuple[int, int]) -> np.ndarray | None:
    """Outside the display shutter (PS3.3 C.7.6.11 and C.7.6.15), or None.

    Several shapes are combined: what lies outside any of them is outside. It is shown black whatever Shutter
    Presentation Value says: the picture is read in the dark.
    """
    shapes = set(header.line("ShutterShape").upper().split("\\"))
    if not shapes & _SHAPES:
        return None
    outside = np.zeros(shape, bool)
    if "RECTANGULAR" in shapes:
        outside |= _outside_rectangle(header, shape)
    if "CIRCULAR" in shapes:
        outside |= _outside_circle(header, aspect, shape)
    if "POLYGONAL" in shapes:
        outside |= _outside_polygon(header, shape)
    if "BITMAP" in shapes:
        plane = overlay_plane(header, header.integer("ShutterOverlayGroup") or 0, shape)
        outside |= False if plane is None else plane
    return _credible(outside)


def no_picture(
    padded: np.ndarray | None, shutter: np.ndarray | None, codes: np.ndarray
) -> np.ndarray | None:
    """What of both masks is believed, in one; None: nothing."""
    found = None if padded is None else credible_padding(padded, shutter, codes)
    if found is None:
        return shutter
    together = _credible(found if shutter is None else found | shutter)
    return shutter if together is None else together


def _credible(mask: np.ndarray) -> np.ndarray | None:
    masked = int(mask.sum())
    return mask if 0 < masked <= (1 - _LEAST_PICTURE) * mask.size else None


def _outside_rectangle(header: Header, shape: tuple[int, int]) -> np.ndarray:
    """Edges are the first and the last row and column that are seen, from 1 on."""
    edges = [
        header.integer(f"Shutter{edge}Edge")
        for edge in ("UpperHorizontal", "LowerHorizontal", "LeftVertical", "RightVertical")
    ]
    outside = np.zeros(shape, bool)
    top, bottom, left, right = edges
    if top is not None and bottom is not None and left is not None and right is not None:
        outside[:] = True
        outside[max(top - 1, 0) : max(bottom, 0), max(left - 1, 0) : max(right, 0)] = False
    return outside


def _outside_circle(header: Header, aspect: float, shape: tuple[int, int]) -> np.ndarray:
    """The radius is in pixels along a row, so that a circle is round on the screen."""
    center = header.integers("CenterOfCircularShutter", 2)
    radius = header.integer("RadiusOfCircularShutter")
    if len(center) != 2 or radius is None or radius < 1:  # its square would be a circle's, too
        return np.zeros(shape, bool)
    down, across = np.ogrid[: shape[0], : shape[1]]
    down, across = (down - (center[0] - 1)) * aspect, across - (center[1] - 1)
    outside: np.ndarray = down.astype(float) ** 2 + across.astype(float) ** 2 > float(radius) ** 2
    return outside


def _outside_polygon(header: Header, shape: tuple[int, int]) -> np.ndarray:
    corners = header.integers("VerticesOfThePolygonalShutter", 2 * _MOST_CORNERS)
    if len(corners) < 6 or len(corners) % 2:
        return np.zeros(shape, bool)
    points = [
        (column - 1, row - 1) for row, column in zip(corners[::2], corners[1::2], strict=True)
    ]
    inside = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(inside).polygon(points, fill=1, outline=1)
    return ~np.asarray(inside)
