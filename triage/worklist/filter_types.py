"""The types of filter: how each is read from a URL and written back, and its condition on a column.

The value of an active filter is a tuple of at least one item, as the database has it. The value of any other
filter is an empty tuple.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise

from triage.worklist.days import beginning_of, end_of
from triage.worklist.parameters import Parameters

Values = tuple[Any, ...]
Label = str | Promise


@dataclass(frozen=True)
class Option:
    """One choice of a filter: its text in a URL, its value in the database, its label on a page."""

    url_value: str
    value: Any
    label: Label


class FilterType(Protocol):
    """``form``: names the template of the field on the page, ``worklist/filter_FORM.html``."""

    @property
    def form(self) -> str: ...

    def from_url(self, given: Parameters, name: str) -> Values:
        """The value in a URL. Raises Refused if it is not valid."""
        ...

    def to_url(self, values: Values) -> list[str]:
        """The value as texts for a URL."""
        ...

    def where(self, column: str, values: Values) -> Q: ...


@dataclass(frozen=True)
class Choices:
    """Some choices of a fixed set; a case needs one of them. ``synonyms``: other texts in a URL → value."""

    options: tuple[Option, ...]
    synonyms: Mapping[str, Any] | None = None
    form: str = "choices"

    def from_url(self, given: Parameters, name: str) -> Values:
        url_values = {option.url_value: option.value for option in self.options}
        return given.choices(name, url_values | dict(self.synonyms or {}))

    def to_url(self, values: Values) -> list[str]:
        url_values = {option.value: option.url_value for option in self.options}
        return [url_values[value] for value in values]

    def where(self, column: str, values: Values) -> Q:
        return Q(**{f"{column}__in": values})


@dataclass(frozen=True)
class Names:
    """Some of the reader's sites, by id or slug. ``WorklistQuery`` narrows the list to them."""

    form: str = "choices"

    def from_url(self, given: Parameters, name: str) -> Values:
        return given.many(name)

    def to_url(self, values: Values) -> list[str]:
        return list(values)

    def where(self, column: str, values: Values) -> Q:
        return Q()


@dataclass(frozen=True)
class Flag:
    """On or off. The condition is of the reader: ``WorklistQuery`` makes it. ``word``: beside its box."""

    word: Label = ""
    form: str = "flag"

    def from_url(self, given: Parameters, name: str) -> Values:
        return (True,) if any(given.choices(name, {"1": True, "0": False})) else ()

    def to_url(self, values: Values) -> list[str]:
        return ["1" for _on in values]

    def where(self, column: str, values: Values) -> Q:
        return Q()


@dataclass(frozen=True)
class Past(Flag):
    """On: the time in the column is past."""

    def where(self, column: str, values: Values) -> Q:
        return Q(**{f"{column}__lt": Now()})


@dataclass(frozen=True)
class Fraction:
    """A bound of a number from 0 to 1. ``lookup``: gte or lte."""

    lookup: str
    form: str = "fraction"

    def from_url(self, given: Parameters, name: str) -> Values:
        number = given.fraction(name)
        return () if number is None else (number,)

    def to_url(self, values: Values) -> list[str]:
        return [str(value) for value in values]

    def where(self, column: str, values: Values) -> Q:
        return Q(**{f"{column}__{self.lookup}": values[0]})


@dataclass(frozen=True)
class Day:
    """A bound of a time by a day of the reader's calendar. ``lookup``: gte, or lt the day's end."""

    lookup: str
    form: str = "day"

    def from_url(self, given: Parameters, name: str) -> Values:
        day = given.day(name)
        return () if day is None else (day,)

    def to_url(self, values: Values) -> list[str]:
        return [day.isoformat() for day in values]

    def where(self, column: str, values: Values) -> Q:
        bound: Callable[..., Any] = beginning_of if self.lookup == "gte" else end_of
        return Q(**{f"{column}__{self.lookup}": bound(values[0])})
