"""Checks what the decoder says of a look: a file may have taken it over, and a browser reads it."""

import itertools
import math
from typing import Any

from classifier.facts import MOST_RUNS

_FIELDS = {"levels", "function", "range", "covered", "tables"}
_FUNCTIONS = {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
_MOST_CODE = (1 << 16) - 1


def check_look(answered: object, curves: int) -> dict[str, Any] | None:
    """A look (``classifier.look``) of a display with so many curves, as it came; None if nothing is said.

    Raises ValueError unless it is one.
    """
    if answered is None:
        return None
    if not isinstance(answered, dict) or set(answered) != _FIELDS:
        raise ValueError("a look of another shape")
    levels, range_, tables = (answered[name] for name in ("levels", "range", "tables"))
    if str(answered["function"]) not in _FUNCTIONS or type(answered["covered"]) is not bool:
        raise ValueError("a look of no function")
    if levels is not None and not (_is_pair(levels) and levels[0] != 0):
        raise ValueError("a look without levels")
    if (range_ is None) != bool(curves) or (
        range_ and not (_is_pair(range_) and range_[0] < range_[1])
    ):
        raise ValueError("a look of another range")
    if not isinstance(tables, list) or len(tables) != curves:
        raise ValueError("a look of other curves")
    if not all(runs is None or _are_runs(runs) for runs in tables):
        raise ValueError("a look of another table")
    return answered


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(number) is float and math.isfinite(number) for number in value)
    )


def _are_runs(value: object) -> bool:
    """Code and grey in turn: the first code is 0, and codes rise."""
    if not isinstance(value, list) or not all(type(number) is int for number in value):
        return False
    codes, greys = value[::2], value[1::2]
    rising = all(one < other for one, other in itertools.pairwise(codes))
    return (
        len(codes) == len(greys) <= MOST_RUNS
        and codes[:1] == [0]
        and rising
        and codes[-1] <= _MOST_CODE
        and all(0 <= grey <= 255 for grey in greys)
    )
