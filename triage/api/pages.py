"""Keyset pages over HTTP."""

from dataclasses import dataclass

from django.db.models import QuerySet
from rest_framework.request import Request

from triage.models import Case
from triage.worklist.keyset import Cursor, Key, beyond, key_of

# Ids are UUIDv7: their order is the order of arrival, and a row's place never changes.
NEWEST_FIRST = (Key("id", descending=True),)
SIZE = 50


@dataclass(frozen=True)
class Page:
    """``next`` and ``previous`` are cursors."""

    rows: list[Case]
    next: str | None
    previous: str | None


def newest_first(cases: QuerySet[Case], cursor_text: str | None) -> Page:
    """The page of ``cases`` at the cursor. Raises Refused where that is damaged."""
    cursor = Cursor.decode(cursor_text, NEWEST_FIRST, Case) if cursor_text else None
    backwards = cursor is not None and cursor.backwards
    way = tuple(key.flipped() for key in NEWEST_FIRST) if backwards else NEWEST_FIRST
    if cursor is not None:
        cases = cases.filter(beyond(way, cursor.values))
    rows = list(cases.order_by(*(key.order_by for key in way))[: SIZE + 1])
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and (more if backwards else cursor is not None)
    return Page(
        rows,
        next=_cursor(rows[-1], backwards=False) if has_next else None,
        previous=_cursor(rows[0], backwards=True) if has_previous else None,
    )


def _cursor(row: Case, *, backwards: bool) -> str:
    return Cursor(key_of(row, NEWEST_FIRST), backwards).encode()


def address(request: Request, query: str | None) -> str | None:
    """The present address with another query string; None where there is no such page."""
    return request.build_absolute_uri(f"{request.path}?{query}") if query else None
