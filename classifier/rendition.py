"""Pictures that are made from a radiograph: a lossless rendition, a display picture, a thumbnail."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from classifier.radiograph import Radiograph, radiograph_of_rendition
from classifier.rendition_file import write_rendition
from classifier.rendition_header import MAGIC

# Pixels of the longer side. Both are choices: 1600 fills a common screen without enlargement, in a JPEG below
# 3 MB; 192 is more than three device pixels for each of the 44 to 52 CSS pixels of a list.
DISPLAY_SIDE = 1600
THUMBNAIL_SIDE = 192
# If the file has no window: clips collimator edges, markers and dead pixels, and keeps the bone.
_PERCENTILES = (0.5, 99.5)


@dataclass(frozen=True)
class Rendition:
    """``rendition`` is lossless (``classifier.rendition_file``), the others are JPEG. None has metadata."""

    rendition: bytes
    display: bytes
    thumbnail: bytes


def render(radiograph: Radiograph) -> Rendition:
    """The three pictures of a radiograph."""
    shown = Image.fromarray(windowed(radiograph.pixels, radiograph.window))
    display = _fitted(shown, DISPLAY_SIDE)
    return Rendition(
        rendition=write_rendition(radiograph.pixels),
        display=_jpeg(display, 90),
        thumbnail=_jpeg(_fitted(display, THUMBNAIL_SIDE), 85),
    )


def read_rendition(data: bytes) -> np.ndarray:
    """(H, W) uint8 or uint16, exactly as written. Raises RefusedFile (a ValueError) if damaged."""
    return radiograph_of_rendition(data).pixels


def png_of_rendition(data: bytes) -> bytes:
    """A rendition as a PNG of 8 or 16 bits, for other programs. Raises RefusedFile if it is damaged."""
    if not data.startswith(MAGIC):
        return data  # an old one is a PNG
    out = io.BytesIO()
    Image.fromarray(read_rendition(data)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def windowed(pixels: np.ndarray, window: tuple[float, float] | None) -> np.ndarray:
    """(H, W) uint8 for a screen: DICOM's linear window (PS3.3 C.11.2.1.2), else percentiles.

    Pixels of 8 bit without a window are shown as they are.
    """
    if pixels.dtype == np.uint8 and window is None:
        return pixels
    centre, width = window or _percentile_window(pixels)
    levels = np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float32)
    ramp = (levels - (centre - 0.5)) / max(width - 1, 1) + 0.5
    return (ramp.clip(0, 1) * 255).round().astype(np.uint8)[pixels]


def _percentile_window(pixels: np.ndarray) -> tuple[float, float]:
    # Every fourth pixel each way is enough for a percentile, and sixteen times faster.
    low, high = np.percentile(pixels[::4, ::4], _PERCENTILES)
    return (low + high) / 2, max(high - low, 1)


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longest side at most ``side``; never enlarged, never under 1 px."""
    scale = min(1.0, side / max(picture.size))
    if scale == 1.0:
        return picture
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
