"""What a picture may turn out to be instead of a bone radiograph, and when.

This is what is seen in the pixels. What sender and header say is ``classifier.indications``.
"""

import math
from dataclasses import dataclass

import numpy as np

KINDS = ("bone", "chest", "slice", "photograph", "document", "blank")
"""The outputs of a release's ``kinds`` head, in this order. Only ``bone`` is assessable."""

# A picture whose grey values hardly differ shows nothing, whatever a network makes of it.
_FLAT = 2.0  # standard deviation, in 255ths of the range
# No picture of either collection has a longer side of fewer than 101 pixels.
_SMALL = 96
# No picture of any of the collections that this was tried on (5,385 radiographs) has a shorter side of fewer
# than 58 pixels. A line or two of noise, which has a long side, would be called like a film.
_NARROW = 32


@dataclass(frozen=True)
class AssessabilityRule:
    """``threshold``: the least log-odds of being something else than bone at which a picture is refused.

    Raises ValueError where it is not finite: every picture would be refused, or none.
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


def too_small(pixels: np.ndarray) -> str | None:
    """Code of the reason why no fracture can be seen in (H, W) pixels: a thumbnail, or a strip."""
    if max(pixels.shape) < _SMALL:
        return "small"
    return "narrow" if min(pixels.shape) < _NARROW else None


def is_flat(pixels: np.ndarray) -> bool:
    """Whether (H, W) uint8 or uint16 pixels hold one grey only.

    A 16-bit file may use only its lowest bits, so the brightest pixel is taken as the range.
    """
    brightest = 255 if pixels.dtype == np.uint8 else max(255, int(pixels.max()))
    return float(pixels.std()) * 255 / brightest < _FLAT
