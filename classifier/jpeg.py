"""Decodes a JPEG, and refuses one of which a part is missing.

libjpeg fills what is missing with grey and only warns; Pillow drops the warning, so pictures are decoded by
simplejpeg, which makes an error of it. Some warnings are of whole pictures too (bytes that nobody reads, an
odd version number). Such a picture is decoded as it is and once more with noise before its end: decoding a
complete picture ignores the noise.
"""

import io

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from simplejpeg import decode_jpeg

from classifier.luma import luma, luma_of_rgb
from classifier.refused_file import RefusedFile
from classifier.truncation import JpegFrame, jpeg_with_noise

# libjpeg's words (jerror.h) where data or a restart marker didn't come.
_MISSING = ("premature end", "instead of RST")
_SPACES = {1: "GRAY", 3: "RGB"}
_ORIENTATION = 0x0112  # of EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_whole_jpeg(jpeg: bytes, frame: JpegFrame, name: str, may_warn: bool = True) -> np.ndarray:
    """(H, W) uint8, turned as EXIF says. Raises RefusedFile, and Pillow's errors on a damaged file.

    ``may_warn``: take a picture that libjpeg warns of, if nothing of it is missing.
    """
    space = _SPACES.get(frame.components, "CMYK")
    try:
        pixels = decode_jpeg(jpeg, colorspace=space, strict=True)
    except ValueError as warned:
        is_missing = any(words in str(warned).lower() for words in map(str.lower, _MISSING))
        if is_missing or not may_warn:
            raise RefusedFile.cut_off(name, len(jpeg)) from None
        return _turned(_warned(jpeg, frame, name), jpeg)
    if space == "GRAY":
        return _turned(pixels[..., 0], jpeg)
    if space == "RGB":
        return _turned(luma_of_rgb(pixels), jpeg)
    del pixels  # of CMYK, Pillow knows which files are inverted
    return _turned(luma(JpegImageFile(io.BytesIO(jpeg))), jpeg)


def _warned(jpeg: bytes, frame: JpegFrame, name: str) -> np.ndarray:
    grey = luma(JpegImageFile(io.BytesIO(jpeg)))
    noisy = luma(JpegImageFile(io.BytesIO(jpeg_with_noise(jpeg, frame))))
    if not np.array_equal(grey, noisy):
        raise RefusedFile.cut_off(name, len(jpeg))
    return grey


def _turned(grey: np.ndarray, jpeg: bytes) -> np.ndarray:
    orientation = JpegImageFile(io.BytesIO(jpeg)).getexif().get(_ORIENTATION)
    if orientation not in _TURNS:
        return grey
    return np.asarray(Image.fromarray(grey).transpose(_TURNS[orientation]))
