"""Pictures that are made from a radiograph: a lossless rendition, a display picture, a thumbnail."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from classifier.aspect import square_shape
from classifier.display import shown
from classifier.radiograph import Radiograph, radiograph_of_rendition
from classifier.rendition_file import write_rendition
from classifier.rendition_header import MAGIC, MOST_PIXELS
from classifier.shown_sizes import DISPLAY_SIDE, THUMBNAIL_SIDE


@dataclass(frozen=True)
class Rendition:
    """``rendition`` is lossless (``classifier.rendition_file``), the others are JPEG. None has metadata.

    ``alternatives``: the display by each curve of the header after the first one.
    """

    rendition: bytes
    display: bytes
    thumbnail: bytes
    alternatives: tuple[bytes, ...] = ()


def render(radiograph: Radiograph) -> Rendition:
    """All pictures of a radiograph."""
    display = _display(radiograph, 0)
    further = range(1, len(radiograph.display.tables))
    return Rendition(
        rendition=write_rendition(radiograph.pixels),
        display=_jpeg(display, 90),
        thumbnail=_jpeg(_fitted(display, THUMBNAIL_SIDE), 85),
        # Now and not on demand: only the decoder knows overlays and tables, and it sees the file once.
        alternatives=tuple(_jpeg(_display(radiograph, number), 90) for number in further),
    )


def _display(radiograph: Radiograph, number: int) -> Image.Image:
    greys = shown(radiograph.pixels, radiograph.bits, radiograph.display, number)
    return _fitted(Image.fromarray(greys), DISPLAY_SIDE, radiograph.aspect)


def read_rendition(data: bytes) -> np.ndarray:
    """(H, W) uint8 or uint16, exactly as written. Raises RefusedFile (a ValueError) if damaged."""
    return radiograph_of_rendition(data).pixels


def png_of_rendition(data: bytes, aspect: float = 1.0, most_pixels: int = MOST_PIXELS) -> bytes:
    """A rendition as a PNG of 8 or 16 bits with square pixels, for other programs.

    Raises RefusedFile if it is damaged, or if its header names more than ``most_pixels``.
    """
    if not data.startswith(MAGIC) and aspect == 1:
        return data  # an old one is a PNG
    out = io.BytesIO()
    square = radiograph_of_rendition(data, aspect, most_pixels).square
    Image.fromarray(square).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _fitted(picture: Image.Image, side: int, aspect: float = 1.0) -> Image.Image:
    """The picture in square pixels, its longest side at most ``side``.

    Never enlarged beyond that, never below 1 px.
    """
    whole = square_shape(picture.height, picture.width, aspect)
    scale = min(1.0, side / max(whole))
    height, width = (max(1, round(length * scale)) for length in whole)
    if (width, height) == picture.size:
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    # Not ``optimize``: own Huffman tables save 2 % of the bytes, and take longer than all the rest.
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
