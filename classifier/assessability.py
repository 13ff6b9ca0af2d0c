"""Decides from its pixels whether a picture can be assessed, and what it shows if it is no bone radiograph.

``classifier.indications`` does the same by what the sender and the header say.
"""

import math
from dataclasses import dataclass

import numpy as np

KINDS = ("bone", "chest", "slice", "photograph", "document", "blank")
"""The outputs of a release's ``kinds`` head, in this order. Only ``bone`` is assessable."""

# Below this a picture has nearly one grey value, and shows nothing. The flattest of 3,674 radiographs of four
# collections has 13.3; 2.0 leaves a wide margin.
_FLAT = 2.0  # standard deviation, in 255ths of the range
# In pixels. The smallest picture of both collections has a longer side of 101; 96 is the next multiple of the
# network's stride of 32 below it.
_SMALL = 96
# In pixels. The narrowest of the 5,385 radiographs that this was tried on has a shorter side of 58. Without
# this bound one or two rows of noise, whose longer side is large enough, would get a call.
_NARROW = 32
_STRIP = 1 << 17  # pixels; their squares add up to less than 2^50


@dataclass(frozen=True)
class AssessabilityRule:
    """``threshold``: a picture is refused if its log-odds of any other kind than bone are at least this.

    Raises ValueError if it is not finite, because then every picture or none would be refused.
    """

    threshold: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise ValueError("assessability: a finite threshold")

    def non_radiograph_kind(self, scores: np.ndarray) -> str | None:
        """(K,) raw scores of one picture → its likeliest kind if it is no bone radiograph, else None."""
        if non_radiograph_log_odds(scores) < self.threshold:
            return None
        return KINDS[1 + int(scores[1:].argmax())]


def non_radiograph_log_odds(scores: np.ndarray) -> np.ndarray:
    """(…, K) raw scores → (…) log-odds of any other kind against bone."""
    others = scores[..., 1:].astype(np.float64)
    peak = others.max(-1, keepdims=True)
    return np.log(np.exp(others - peak).sum(-1)) + peak[..., 0] - scores[..., 0]


def too_small(height: int, width: int) -> str | None:
    """The reason's code if pixels are too few to show a fracture ("small", "narrow"), else None."""
    if max(height, width) < _SMALL:
        return "small"
    return "narrow" if min(height, width) < _NARROW else None


def is_flat(deviation: float) -> bool:
    """Whether a picture of this ``deviation_of`` has nearly one grey value only."""
    return deviation < _FLAT


def deviation_of(pixels: np.ndarray) -> float:
    """The standard deviation of (H, W) uint8 or uint16 pixels, in 255ths of the range.

    A 16-bit file may use only its lowest bits, so the brightest pixel is taken as the range.
    """
    total = squares = 0
    # A part at a time: numpy's own makes float64 of all pixels. The sums are whole numbers below 2^53, so
    # they are exact in any order.
    flat = pixels.reshape(-1)
    for start in range(0, flat.size, _STRIP):
        values = flat[start : start + _STRIP].astype(np.float64)
        total += int(values.sum())
        squares += int(values @ values)
    variance = (squares * pixels.size - total * total) / pixels.size**2
    brightest = 255 if pixels.dtype == np.uint8 else max(255, int(pixels.max()))
    return math.sqrt(variance) * 255 / brightest
