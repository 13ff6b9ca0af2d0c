"""The squares of a release: the form in which a picture's network inputs are stored. Needs no numpy.

A release resizes a picture to ``stored_size`` in 256 greys before it resizes it to its network's size
(``classifier.preprocess``). So this square is all that the network needs of the picture.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Self

MAGIC = b"\x89CGN\r\n\x1a\n"  # of their file: ``classifier.network_input``
# Part of each key. Count it up when ``preprocess.square_of`` or ``assessability.deviation_of`` gives other
# values for the same picture: what was stored before is then made anew.
_MADE_BY = 1
# A release has two networks. Both bounds keep the time and memory of a decoder that makes squares.
_MOST = 4
_LONGEST_SIDE = 1024
_KEY_BYTES = 32
# Pixels of a picture for each pixel of its squares. A smaller picture is read from its rendition: that takes
# at most 6 ms, and squares would take more than a tenth of the picture's own bytes.
_WORTH_IT = 4


# No file of squares is larger, whatever a release asks for.
MOST_BYTES = 4096 + 2 * _MOST * _LONGEST_SIDE**2


@dataclass(frozen=True)
class Square:
    """What decides the bytes of a square: see ``classifier.preprocess.Preprocessing``.

    Raises ValueError if a number is out of its range.
    """

    stored_size: int
    low: float
    high: float

    def __post_init__(self) -> None:
        if type(self.stored_size) is not int or not 1 <= self.stored_size <= _LONGEST_SIDE:
            raise ValueError(f"a square: stored_size from 1 to {_LONGEST_SIDE}")
        if not all(type(share) in (int, float) for share in (self.low, self.high)):
            raise ValueError("a square: low and high are numbers")
        if not 0 <= self.low < self.high <= 100:
            raise ValueError("a square: percentiles 0 ≤ low < high ≤ 100")


@dataclass(frozen=True)
class Squares:
    """The squares of a release's networks, in their order. Raises ValueError for none, or too many."""

    all: tuple[Square, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.all) <= _MOST:
            raise ValueError(f"from 1 to {_MOST} squares")

    @classmethod
    def from_json(cls, rows: Any) -> Self:
        """Raises ValueError for whatever ``as_json`` doesn't give."""
        try:
            return cls(tuple(Square(**row) for row in rows))
        except TypeError as wrong:
            raise ValueError("no squares") from wrong

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(square) for square in self.all]

    @property
    def key(self) -> bytes:
        """32 bytes, equal where the stored bytes of every picture are."""
        numbers = [
            [square.stored_size, float(square.low), float(square.high)] for square in self.all
        ]
        return hashlib.sha256(json.dumps([_MADE_BY, numbers]).encode()).digest()

    @property
    def file_name(self) -> str:
        """Of the file, beside a picture's others. Inputs of several releases may lie there for a moment."""
        return _file_name(self.key)

    @property
    def pixels(self) -> int:
        return sum(square.stored_size**2 for square in self.all)

    @property
    def most_bytes(self) -> int:
        """No file of them is larger: deflate adds less than a hundredth to what it can't pack."""
        return 4096 + 2 * self.pixels

    def are_kept_of(self, height: int, width: int) -> bool:
        """Whether they are stored of a picture of this size."""
        return height * width >= _WORTH_IT * self.pixels


def file_name_of(data: bytes) -> str:
    """``Squares.file_name`` of the squares whose file begins with ``data``."""
    return _file_name(data[len(MAGIC) : len(MAGIC) + _KEY_BYTES])


def _file_name(key: bytes) -> str:
    return f"network-input-{key.hex()[:16]}.cgn"
