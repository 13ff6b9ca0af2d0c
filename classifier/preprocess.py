"""Pixels to network input: one function, with a release's own parameters, for training and serving."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from PIL import Image

from classifier.aspect import square_shape

_LONGEST = 4096  # pixels of a side: no network needs more, and floats of such a square are 64 MB
_REDUCING_GAP = 3.0  # as every release was evaluated
_STRIP = 1 << 20  # pixels that are floats at a time: 4 MB, and as much in Pillow


@dataclass(frozen=True)
class Preprocessing:
    """A release's preprocessing.

    ``size``: side of the square input in pixels. ``low``, ``high``: the percentiles of the picture
    that become black and white, so that 8-bit exports and 16-bit originals look alike. ``mean``,
    ``std``: of the normalisation, in units of 0..1, the same for the three equal channels.
    ``stored_size``: side in pixels at which training keeps pictures, in 256 greys. A picture is first
    resized to it and then to ``size``, so that serving treats pictures as the evaluation did. None: it is
    resized to ``size`` directly. Raises ValueError if a number is out of its range.
    """

    size: int
    stored_size: int | None = None
    low: float = 0.5
    high: float = 99.5
    mean: float = 127 / 255
    std: float = 128 / 255

    def __post_init__(self) -> None:
        for side in (self.size, self.size if self.stored_size is None else self.stored_size):
            if not isinstance(side, int) or side < 1:
                raise ValueError("preprocessing: size and stored_size in whole pixels, 1 or more")
        if not 0 <= self.low < self.high <= 100:
            raise ValueError("preprocessing: percentiles 0 ≤ low < high ≤ 100")
        if not (math.isfinite(self.mean) and 0 < self.std < math.inf):
            raise ValueError("preprocessing: a mean and a standard deviation above 0, both finite")

    @classmethod
    def from_manifest(cls, values: dict[str, Any]) -> Self:
        """Raises TypeError if a parameter is unknown, ValueError if a number is out of its range."""
        return cls(**values)

    def as_manifest(self) -> dict[str, Any]:
        return asdict(self)


def with_square_pixels(pixels: np.ndarray, aspect: float) -> np.ndarray:
    """(H, W) uint8 or uint16, resampled; the same array if its pixels are square."""
    if aspect == 1:
        return pixels
    height, width = square_shape(pixels.shape[0], pixels.shape[1], aspect)
    scale = min(1.0, _LONGEST / max(height, width))
    fitted = (max(1, round(height * scale)), max(1, round(width * scale)))
    top = np.iinfo(pixels.dtype).max
    return _resized(pixels, *fitted).round().clip(0, top).astype(pixels.dtype)


@dataclass(frozen=True)
class Placement:
    """Where the picture lies in the square input, in input pixels; the rest is the letterbox."""

    top: int
    left: int
    height: int
    width: int


def placement(height: int, width: int, size: int) -> Placement:
    """The picture fitted into the square, in the middle, its aspect kept."""
    scale = size / max(height, width)
    fitted_height = max(1, round(height * scale))
    fitted_width = max(1, round(width * scale))
    return Placement(
        (size - fitted_height) // 2, (size - fitted_width) // 2, fitted_height, fitted_width
    )


def in_floats(pixels: np.ndarray) -> Image.Image:
    """(H, W) uint8 or uint16 → floats, which Pillow resizes without rounding."""
    # Pillow converts, and not numpy: a picture of floats would be copied twice more on its way into Pillow.
    return Image.fromarray(pixels).convert("F")


def _resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """(height, width) float32: ``in_floats(pixels)`` resized by Pillow, bilinear with a reducing gap of 3.

    Pillow reduces a large picture by a whole number first. That is done here a few rows at a time, with equal
    results: the floats of a large film take more memory than the decoder may have.
    """
    down, across = (
        int(length / fitted / _REDUCING_GAP) or 1
        for length, fitted in zip(pixels.shape, (height, width), strict=True)
    )
    box = (0, 0, pixels.shape[1] / across, pixels.shape[0] / down)
    if (down, across) == (1, 1):
        reduced = in_floats(pixels)
    else:
        rows = down * max(1, _STRIP // (down * pixels.shape[1]))
        strips = (pixels[top : top + rows] for top in range(0, len(pixels), rows))
        small = [np.asarray(in_floats(strip).reduce((across, down))) for strip in strips]
        reduced = Image.fromarray(np.concatenate(small))
    return np.asarray(reduced.resize((width, height), Image.Resampling.BILINEAR, box))


def letterboxed(pixels: np.ndarray, spec: Preprocessing) -> np.ndarray:
    """(H, W) uint8 or uint16 → (size, size) float32 of 0..1, black bars where the aspect leaves room."""
    height, width = pixels.shape
    place = placement(height, width, spec.size)
    small = _resized(pixels, place.height, place.width)
    low, high = np.percentile(small, (spec.low, spec.high))
    scaled = np.clip((small - low) / max(float(high - low), 1e-6), 0, 1)
    square = np.zeros((spec.size, spec.size), np.float32)
    square[place.top : place.top + place.height, place.left : place.left + place.width] = scaled
    return square


def stored(pixels: np.ndarray, spec: Preprocessing) -> np.ndarray:
    """(H, W) uint8 or uint16, bright bone → (size, size) uint8, as training keeps a picture."""
    return np.round(letterboxed(pixels, spec) * 255).astype(np.uint8)


def square_of(pixels: np.ndarray, spec: Preprocessing) -> np.ndarray:
    """(H, W) uint8 or uint16, bright bone → all that the network's input needs of the pixels: (stored_size,
    stored_size) uint8, or (size, size) float32 of 0..1 if the release has no such size.
    """
    if spec.stored_size is None:
        return letterboxed(pixels, spec)
    return stored(pixels, replace(spec, size=spec.stored_size))


def input_of_square(square: np.ndarray, spec: Preprocessing) -> np.ndarray:
    """What ``square_of`` gives → (3, size, size) float32, normalised."""
    if square.dtype == np.uint8:
        kept = Image.fromarray(square.astype(np.float32) / 255)
        square = np.asarray(kept.resize((spec.size, spec.size), Image.Resampling.BILINEAR))
    normalised = (square - spec.mean) / spec.std
    return np.repeat(normalised[None].astype(np.float32), 3, axis=0)


def network_input(pixels: np.ndarray, spec: Preprocessing) -> np.ndarray:
    """(H, W) uint8 or uint16, bright bone → (3, size, size) float32, normalised."""
    return input_of_square(square_of(pixels, spec), spec)
