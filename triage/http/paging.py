"""The addresses of the pages beside one page of a list."""

from triage.worklist.paging import CasePage
from triage.worklist.query import WorklistQuery


def next_and_previous(query: WorklistQuery, page: CasePage) -> tuple[str, str]:
    """Query strings of the next and the previous page, with the filters kept; "" if there is no such page."""
    next_query, previous_query = (
        query.params(cursor=cursor) if cursor else ""
        for cursor in (page.next_cursor, page.previous_cursor)
    )
    return next_query, previous_query
