"""What a picture may turn out to be instead of a bone radiograph, and what is said of it then.

This is what is seen in the pixels. What sender and header say is ``classifier.indications``.
"""

import math
from dataclasses import dataclass

import numpy as np

from classifier.refused_file import gettext_noop

KINDS = ("bone", "chest", "slice", "photograph", "document", "blank")
"""The outputs of a release's ``kinds`` head, in this order. Only ``bone`` is assessable."""

REASONS = {
    "chest": gettext_noop(
        "This looks like a chest film. The model knows films of single bones and joints only."
    ),
    "slice": gettext_noop(
        "This looks like a CT or MR slice. The model knows plain radiographs only."
    ),
    "photograph": gettext_noop(
        "This looks like a photograph. The model knows plain radiographs only."
    ),
    "document": gettext_noop(
        "This looks like a document or a drawing. The model knows plain radiographs only."
    ),
    "blank": gettext_noop("There is no picture in this: it is blank or noise."),
    "small": gettext_noop(
        "This picture is too small: its longer side has fewer than 96 pixels. Send the original."
    ),
    "narrow": gettext_noop(
        "This picture is too narrow: its shorter side has fewer than 32 pixels. Send the original."
    ),
}

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

    def foreign_kind(self, scores: np.ndarray) -> str | None:
        """(K,) raw scores of one picture → the likeliest foreign kind, or None for a bone radiograph."""
        if foreign_log_odds(scores) < self.threshold:
            return None
        return KINDS[1 + int(scores[1:].argmax())]


def foreign_log_odds(scores: np.ndarray) -> np.ndarray:
    """(…, K) raw scores → (…) log-odds of any foreign kind against bone."""
    foreign = scores[..., 1:].astype(np.float64)
    peak = foreign.max(-1, keepdims=True)
    return np.log(np.exp(foreign - peak).sum(-1)) + peak[..., 0] - scores[..., 0]


def too_small(pixels: np.ndarray) -> str | None:
    """Which of ``REASONS`` holds of (H, W) pixels, thumbnail or strip, in which no fracture can be seen."""
    if max(pixels.shape) < _SMALL:
        return "small"
    return "narrow" if min(pixels.shape) < _NARROW else None


def is_flat(pixels: np.ndarray) -> bool:
    """Whether (H, W) uint8 or uint16 pixels hold one grey only.

    Of 16 bits a file may use the lowest few, so that there the brightest pixel is the range.
    """
    brightest = 255 if pixels.dtype == np.uint8 else max(255, int(pixels.max()))
    return float(pixels.std()) * 255 / brightest < _FLAT
