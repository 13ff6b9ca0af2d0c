"""Keyset pages: a page begins after a row's sort key, so page 1000 costs what page 1 does."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.refusals import Refused


@dataclass(frozen=True)
class Key:
    """One column of a sort key. A ``fixed`` one keeps its direction when a reader turns the order."""

    field: str
    descending: bool = False
    fixed: bool = False

    @property
    def order_by(self) -> str:
        return f"-{self.field}" if self.descending else self.field

    def flipped(self) -> "Key":
        return replace(self, descending=not self.descending)


Order = tuple[Key, ...]


def parts_beyond(order: Order, values: Sequence[Any]) -> list[Q]:
    """Rows that come after ``values`` in ``order`` (whose last column is unique), in disjoint parts.

    ``a > x``, ``a = x and b > y`` and so on: each is one range of the order's index. A single condition
    with OR would read, and throw away, every row that has the same ``a``.
    """
    parts: list[Q] = []
    same = Q()
    for key, value in zip(order, values, strict=True):
        step = "lt" if key.descending else "gt"
        parts.append(same & Q(**{f"{key.field}__{step}": value}))
        same &= Q(**{key.field: value})
    return parts


def beyond(order: Order, values: Sequence[Any]) -> Q:
    """Rows that come after ``values`` in ``order`` (whose last column is unique), as one condition.

    The parts of ``parts_beyond``, with the redundant bound on the first column that lets PostgreSQL start its
    index scan in the right place.
    """
    first = order[0]
    bound = "lte" if first.descending else "gte"
    return Q(**{f"{first.field}__{bound}": values[0]}) & reduce(or_, parts_beyond(order, values))


@dataclass(frozen=True)
class Cursor:
    """A place between two rows, and the way to look from there."""

    values: tuple[Any, ...]
    backwards: bool = False

    def encode(self) -> str:
        """URL-safe text. It holds sort keys only and grants nothing."""
        values = [
            value.isoformat() if isinstance(value, datetime) else value for value in self.values
        ]
        text = json.dumps([int(self.backwards), *values], default=str, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order, model: type[models.Model]) -> Self:
        """Raises Refused if ``text`` is not a cursor of this order."""
        return cls.decode_values(text, [model._meta.get_field(key.field) for key in order])

    @classmethod
    def decode_values(cls, text: str, fields: Sequence[Any]) -> Self:
        """Raises Refused if ``text`` is not a cursor with values that these model fields can hold."""
        try:
            padded = text + "=" * (-len(text) % 4)
            backwards, *raw = json.loads(base64.urlsafe_b64decode(padded))
            if len(raw) != len(fields) or backwards not in (0, 1):
                raise ValueError
            values = tuple(
                _storable(field, value) for field, value in zip(fields, raw, strict=True)
            )
        except (
            *(ValueError, TypeError, OverflowError, RecursionError),
            *(binascii.Error, ValidationError),
        ):
            raise Refused(
                "bad_cursor", _("This page address is damaged. Start from the first page.")
            ) from None
        return cls(values, bool(backwards))


def _storable(field: Any, raw: object) -> Any:
    """Converts ``raw`` to a value that PostgreSQL can compare with the column of ``field``.

    Raises ValueError, TypeError, OverflowError or ValidationError for all else.
    """
    value = field.to_python(raw)
    if value is None:
        raise ValueError
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError
        # PostgreSQL knows no offset of 16 hours or more, and Python no year 0 or 10,000: in UTC both
        # agree on every time that is left.
        value = value.astimezone(UTC)
    if isinstance(value, str):
        value.encode()  # half a character is a ValueError
        if "\0" in value:
            raise ValueError
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError
    field.run_validators(value)  # the range of an integer column, the length of a text
    return value
