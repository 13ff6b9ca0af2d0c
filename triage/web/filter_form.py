"""The filters on the page of the worklist: the fields of the form, and a chip for each active value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triage.disclosure import Sortable
from triage.worklist.filter_types import Choices, Label, Names
from triage.worklist.filters import FILTERS, Filter
from triage.worklist.query import WorklistQuery

Sites = list[tuple[str, str]]  # short name and name


@dataclass(frozen=True)
class Field:
    """A filter with its options. ``chosen``: the active ones, as texts for a URL."""

    filter: Filter
    options: list[tuple[str, Label]]
    chosen: list[str]

    @property
    def template(self) -> str:
        return f"worklist/filter_{self.filter.type.form}.html"

    @property
    def value(self) -> str:
        """The value of a filter that takes one; "" if it is off."""
        return next(iter(self.chosen), "")


def fields(query: WorklistQuery, sites: Sites, sortable: Sortable) -> list[Field]:
    """The fields of the form: the filters that this reader may use."""
    offered = [row for row in FILTERS if row.column(sortable)]
    return [
        Field(row, _options(row, sites), row.type.to_url(query.values(row.name)))
        for row in offered
        if row.name != "site" or len(sites) > 1
    ]


def _options(row: Filter, sites: Sites) -> list[tuple[str, Label]]:
    if isinstance(row.type, Choices):
        return [(option.url_value, option.label) for option in row.type.options]
    return list(sites) if isinstance(row.type, Names) else []


def chips(query: WorklistQuery, sites: Sites) -> list[tuple[str, str]]:
    """For each value of the active filters: its label, and the query parameters without it."""
    return [chip for row in FILTERS for chip in _chips_of(row, query, sites)]


def _chips_of(row: Filter, query: WorklistQuery, sites: Sites) -> Iterator[tuple[str, str]]:
    values = query.values(row.name)
    if not values:
        return
    if row.chip:
        without: dict[str, Any] = {row.name: None}
        yield str(row.chip) % {"value": values[0]}, query.params(**without)
        return
    url_values, labels = row.type.to_url(values), dict(_options(row, sites))
    for url_value in url_values:
        rest = {row.name: [other for other in url_values if other != url_value]}
        yield str(labels.get(url_value, url_value)), query.params(**rest)
