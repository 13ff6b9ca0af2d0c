"""Keyset pages over HTTP."""

from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from accounts.access import held_sites
from accounts.models import User
from accounts.public import public_url
from triage.models import Case
from triage.models.case_rules import RECEIVED
from triage.states import CaseState
from triage.worklist.keyset import Cursor, Key, Order, beyond
from triage.worklist.paging import PAGE, CasePage, Listing, in_order

Row = TypeVar("Row", bound=Model)

# Ids are UUIDv7: their order is the order of arrival, and a row's place never changes.
NEWEST_FIRST = (Key("id", descending=True),)
SIZE = PAGE  # the same as on the pages


def newest_first(user: User, cursor_text: str | None) -> CasePage:
    """The page of all cases that ``user`` sees, at the cursor. Raises Refused where that is damaged."""
    cursor = Cursor.decode(cursor_text, NEWEST_FIRST, Case) if cursor_text else None
    return Listing(held_sites(user), NEWEST_FIRST, [RECEIVED]).page(cursor, SIZE)


def newest_sent(user: User, state: CaseState, cursor_text: str | None) -> CasePage:
    """The page of the cases that ``user`` sent and that are arriving, or were refused and not dismissed."""
    cases = Case.objects.sent_by(user).filter(state=state, dismissed_at=None)
    if cursor_text:
        (last,) = Cursor.decode(cursor_text, NEWEST_FIRST, Case).values
        cases = cases.filter(pk__lt=last)
    ids = list(cases.order_by("-pk").values_list("pk", flat=True)[: SIZE + 1])
    following = Cursor((ids[SIZE - 1],)).encode() if len(ids) > SIZE else None
    return CasePage(in_order(ids[:SIZE]), following, None)


OLDEST_FIRST = (Key("id"),)
MEMBERS = 100


def by_id(
    rows: QuerySet[Row], cursor_text: str | None, order: Order, size: int
) -> tuple[list[Row], str | None]:
    """The page of ``rows`` at the cursor, and the query of the next page. ``order``: by the id alone.

    Raises Refused where the cursor is damaged.
    """
    (key,) = order
    if cursor_text:
        rows = rows.filter(beyond(order, Cursor.decode(cursor_text, order, rows.model).values))
    found = list(rows.order_by(key.order_by)[: size + 1])
    if len(found) <= size:
        return found, None
    return found[:size], urlencode({"cursor": Cursor((found[size - 1].pk,)).encode()})


def address(request: Request, query: str | None) -> str | None:
    """The URL of this request with another query string. None if there is no such page."""
    return public_url(f"{request.path}?{query}") if query else None
