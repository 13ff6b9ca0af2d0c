"""Where a case stands in a view: "4 of 41". Never counted further than to 1,001."""

from dataclasses import dataclass, replace
from uuid import UUID

from accounts.models import User
from accounts.refusals import Refused
from triage.disclosure import Sortable
from triage.worklist.query import WorklistQuery

MOST = 1000


@dataclass(frozen=True)
class Position:
    """``at``: 1 is the first. ``has_more``: there are more than ``count``."""

    at: int
    count: int
    has_more: bool


def position_of(
    case_id: UUID, query: WorklistQuery, user: User, sortable: Sortable
) -> Position | None:
    """None if the case is not in the view, or further behind than is counted."""
    try:
        listing = replace(query, cursor=None).listing(user, sortable)
    except Refused:  # sorted by what is hidden by now; the page can be read all the same
        return None
    keys, stopped_at = listing.keys(listing.order, None, MOST + 1, scanned=MOST + 1)
    place = [key.field for key in listing.order].index("id")
    ids = [key[place] for key in keys[:MOST]]
    if case_id not in ids:
        return None
    return Position(ids.index(case_id) + 1, len(ids), stopped_at is not None or len(keys) > MOST)
