"""Pages of cases."""

from collections.abc import Iterable
from typing import Any

from triage.models import Case

PAGE = 50  # cases


def in_order(ids: Iterable[Any]) -> list[Case]:
    """The cases of these ids in this order, with what a list shows of them."""
    ids = list(ids)
    rows = Case.objects.select_related("site", "claimed_by").prefetch_related("images")
    found = rows.in_bulk(ids)
    return [found[case_id] for case_id in ids if case_id in found]
