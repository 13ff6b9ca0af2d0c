"""What has ended at a person's sites, the last first, by keyset pages: history only grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.access import held_sites
from accounts.models import User
from triage.worklist.keyset import Cursor, Key, parts_beyond
from triage.worklist.merged import THIS_SITE, compiled, first_rows

PAGE = 50

Ended = TypeVar("Ended", bound=Model)


@dataclass(frozen=True)
class PastPage(Generic[Ended]):
    rows: Sequence[Ended]
    next: str | None  # the cursor of what ended before these


def past_page(
    rows: QuerySet[Ended], ended_at: str, user: User, cursor_text: str | None
) -> PastPage[Ended]:
    """The page at the cursor of those of ``rows`` that ended at the person's sites.

    ``ended_at``: the column that says when; an index begins with the site and it. Each site's index is walked
    for as many rows as a page has, however long its history is.

    Raises:
        Refused: the cursor is damaged.
    """
    order = (Key(ended_at, descending=True), Key("id", descending=True))
    cursor = Cursor.decode(cursor_text, order, rows.model) if cursor_text else None
    parts = parts_beyond(order, cursor.values) if cursor else [Q()]
    ended: QuerySet[Any] = rows.model._default_manager.filter(
        site_id=THIS_SITE, **{f"{ended_at}__isnull": False}
    )
    ended = ended.order_by(*(key.order_by for key in order))
    names = [key.field for key in order]
    selects = [compiled(ended.filter(part).values_list(*names)[: PAGE + 1]) for part in parts]
    keys = first_rows(held_sites(user), selects, names, order, PAGE + 1)
    found = rows.in_bulk([key[1] for key in keys[:PAGE]])
    following = Cursor(tuple(keys[PAGE - 1])).encode() if len(keys) > PAGE else None
    return PastPage([found[key[1]] for key in keys[:PAGE] if key[1] in found], following)
