"""Colour to grey, a few rows at a time: a large picture in colour takes four times its grey pixels, once."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

_STRIP = 1 << 20  # pixels


def luma(picture: Image.Image) -> np.ndarray:
    """(H, W) uint8: palette, CMYK and colour become luma; transparency is put on black."""
    if picture.mode == "L" and not picture.has_transparency_data:
        return np.asarray(picture)
    width, height = picture.size
    grey = np.empty((height, width), np.uint8)
    for top, bottom in _strips(height, width):
        grey[top:bottom] = np.asarray(_strip(picture.crop((0, top, width, bottom))))
    return grey


def luma_of_rgb(pixels: np.ndarray) -> np.ndarray:
    """(H, W) uint8 of (H, W, 3) uint8."""
    height, width = pixels.shape[:2]
    grey = np.empty((height, width), np.uint8)
    for top, bottom in _strips(height, width):
        grey[top:bottom] = np.asarray(Image.fromarray(pixels[top:bottom]).convert("L"))
    return grey


def _strip(picture: Image.Image) -> Image.Image:
    if picture.mode == "CMYK" or picture.mode == "YCbCr":
        picture = picture.convert("RGB")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        black = Image.new("RGBA", rgba.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, rgba).convert("RGB")
    return picture.convert("L")


def _strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    rows = max(1, _STRIP // max(width, 1))
    return ((top, min(top + rows, height)) for top in range(0, height, rows))
