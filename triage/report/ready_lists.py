"""Lists that are ready to be opened, each with the number of its rows. All are counted in one statement.

A list and its count go by one rule: the count is made of what the list itself asks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import SENDS_CASES
from triage.disclosure import Disclosure
from triage.models import Case
from triage.report.call_back_list import call_backs_of
from triage.report.held_roles import HeldRoles
from triage.report.sent import answers_new_to
from triage.states import UNSIGNED_STATES, CaseState
from triage.worklist.merged import compiled
from triage.worklist.query import WorklistQuery

# Rows: beyond it nobody needs the number, and counting on would read a history.
MOST_COUNTED = 1000


@dataclass(frozen=True)
class ReadyList:
    """A list of a name that never changes. One of ``params`` and ``rows`` is given.

    ``params``: the parameters of a view of the worklist. ``rows``: what another list shows, with ``page`` and
    ``resource``, the names of its addresses; None for a person who has no such list.
    """

    name: str
    label: str | Promise
    params: dict[str, str | list[str]] | None = None
    rows: Callable[[HeldRoles, Disclosure], QuerySet | None] | None = None
    page: str = "worklist"
    resource: str = "api_worklist"

    @property
    def view(self) -> WorklistQuery | None:
        """None for a list outside of the worklist."""
        return None if self.params is None else WorklistQuery.from_params(self.params)

    def is_by_model(self) -> bool:
        return "call" in (self.params or {})


@dataclass(frozen=True)
class CountedList:
    """``count``: of its rows, at most ``MOST_COUNTED``, and ``is_more`` where there are more."""

    ready: ReadyList
    view: WorklistQuery | None
    count: int
    is_more: bool

    @property
    def params(self) -> str:
        """The query string of its page. A view has one: the bare address may show another view first."""
        return (self.view.params() or "sort=deadline") if self.view else ""


def _sent(held: HeldRoles, _disclosure: Disclosure) -> QuerySet | None:
    sends = any(held.sites_as(role) for role in SENDS_CASES)
    return Case.objects.received_from(held.user) if sends else None


def _new_answers(held: HeldRoles, disclosure: Disclosure) -> QuerySet | None:
    sends = _sent(held, disclosure) is not None
    return answers_new_to(held.user, disclosure) if sends else None


def _call_backs(held: HeldRoles, _disclosure: Disclosure) -> QuerySet | None:
    return call_backs_of(held) if held.sites else None


READY_LISTS = (
    ReadyList("next", _("Next for me"), {"free": "1"}),
    ReadyList("to_read", _("To read"), {}),
    ReadyList("suspected", _("Suspected"), {"call": "positive"}),
    ReadyList("in_doubt", _("In doubt"), {"call": "doubt"}),
    # What waits for a third reader too: its deadline is that of the case, so it is late most often.
    ReadyList("late", _("Late"), {"late": "1", "state": [*UNSIGNED_STATES]}),
    ReadyList("failed", _("Model failed"), {"state": CaseState.FAILED.value}),
    ReadyList("third", _("Third reading"), {"state": CaseState.THIRD.value}),
    ReadyList("held", _("Held by me"), {"mine": "1"}),
    ReadyList(
        "read_today", _("Read today"), {"state": CaseState.REVIEWED.value, "read_today": "1"}
    ),
    # A list of its own: closed cases are listed by closing time, and a third reader has yet to close these.
    ReadyList(
        "read_today_third",
        _("Today, not final"),
        {"state": CaseState.THIRD.value, "read_today": "1"},
    ),
    ReadyList("sent", _("Sent by me"), rows=_sent, page="sent", resource="api_sent"),
    ReadyList(
        "new_answers", _("New answers"), rows=_new_answers, page="sent", resource="api_sent_new"
    ),
    ReadyList(
        "call_back",
        _("For me to call back"),
        rows=_call_backs,
        page="call_backs",
        resource="api_call_backs",
    ),
)


def ready_lists(
    user: User, disclosure: Disclosure, held: HeldRoles | None = None
) -> list[CountedList]:
    """The lists that ``user`` may open, without those that say what is hidden from them.

    Two statements: the person's roles, unless ``held`` gives them, and all counts. One more where the policy
    hides something from them: which hidden answers, called seen, are shown by now.
    """
    held, sortable = held or HeldRoles.of(user), disclosure.sortable
    found = []
    for ready in READY_LISTS:
        if ready.is_by_model() and not sortable.is_by_model:
            continue
        view = ready.view
        rows = _rows(ready, view, held, disclosure)
        if rows is not None:
            found.append((ready, view, rows))
    counts = _counts([rows for _ready, _view, rows in found])
    return [
        CountedList(ready, view, min(count, MOST_COUNTED), count > MOST_COUNTED)
        for (ready, view, _rows), count in zip(found, counts, strict=True)
    ]


def _rows(
    ready: ReadyList, view: WorklistQuery | None, held: HeldRoles, disclosure: Disclosure
) -> QuerySet | None:
    if view is not None:
        return view.cases(held.user, disclosure.sortable)
    return ready.rows(held, disclosure) if ready.rows else None


def _counts(lists: list[QuerySet]) -> list[int]:
    parts: list[str] = []
    values: list[Any] = []
    for rows in lists:
        sql = compiled(rows.order_by().values("pk")[: MOST_COUNTED + 1])
        parts.append(f"(SELECT count(*) FROM ({sql[0]}) AS counted)" if sql else "0")  # noqa: S608
        values += sql[1] if sql else ()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())
