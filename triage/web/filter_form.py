"""The filters on the page of the worklist: the fields of the form, and a chip for each active value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from triage.disclosure import Sortable
from triage.web.per_cent import in_percent, share_typed
from triage.worklist.filter_types import Choices, Fraction, Label, Names
from triage.worklist.filters import FILTERS, Filter
from triage.worklist.query import WorklistQuery

IN_PERCENT = "_percent"  # behind the name of a filter: a share that a person typed
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

    @property
    def form_name(self) -> str:
        """The name of its field. A share of 1 is typed in per cent, and has a name of its own for that."""
        return f"{self.filter.name}{IN_PERCENT if _is_share(self.filter) else ''}"

    @property
    def value_typed(self) -> str:
        """``value`` as a person types it."""
        return (
            in_percent(float(self.value)) if self.value and _is_share(self.filter) else self.value
        )


def _is_share(row: Filter) -> bool:
    return isinstance(row.type, Fraction)


def without_percent(given: QueryDict) -> QueryDict | None:
    """The parameters of a submitted form as URLs have them, which keep shares from 0 to 1. None of a URL.

    Raises Refused for what is no number of per cent.
    """
    typed = [row for row in FILTERS if _is_share(row) and row.name + IN_PERCENT in given]
    if not typed:
        return None
    params = given.copy()
    for row in typed:
        (text, *_rest) = params.pop(row.name + IN_PERCENT)
        params.pop(row.name, None)
        try:
            if text:
                params[row.name] = str(share_typed(text))
        except ValueError:
            text = _("%(label)s: use a number from 0 to 100.") % {"label": f"{row.label} (%)"}
            raise Refused("query_invalid", text) from None
    return params


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
        value = f"{in_percent(values[0])} %" if _is_share(row) else values[0]
        yield str(row.chip) % {"value": value}, query.params(**without)
        return
    url_values, labels = row.type.to_url(values), dict(_options(row, sites))
    for url_value in url_values:
        rest = {row.name: [other for other in url_values if other != url_value]}
        yield str(labels.get(url_value, url_value)), query.params(**rest)
