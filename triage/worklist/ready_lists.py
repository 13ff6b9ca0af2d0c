"""Lists that are ready to be opened, each with the number of its cases. All are counted in one statement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import held_sites
from accounts.models import User
from triage.disclosure import Sortable
from triage.models import Case
from triage.models.case_rules import OPEN, THIRD
from triage.states import CaseState
from triage.vocabulary import Call
from triage.worklist.merged import compiled
from triage.worklist.of_reader import free_for, held_by, read_today_by
from triage.worklist.query import WorklistQuery

MOST_COUNTED = (
    1000  # cases: beyond it nobody needs the number, and counting on would read a history
)


@dataclass(frozen=True)
class ReadyList:
    """``params``: its view, as parameters of the worklist. ``cases``: the same as a condition on a case."""

    name: str
    label: str | Promise
    params: dict[str, str]
    cases: Callable[[User, Sortable], Q]


@dataclass(frozen=True)
class CountedList:
    """``count``: of its cases, at most ``MOST_COUNTED``, and ``is_more`` where there are more."""

    ready: ReadyList
    query: WorklistQuery
    count: int
    is_more: bool


def _call(call: Call) -> Callable[[User, Sortable], Q]:
    return lambda user, sortable: OPEN & Q(**{str(sortable.call): call})


READY_LISTS = (
    ReadyList(
        "next", _("Next for me"), {"free": "1"}, lambda user, sortable: OPEN & free_for(user)
    ),
    ReadyList("to_read", _("To read"), {}, lambda user, sortable: OPEN),
    ReadyList("suspected", _("Suspected"), {"call": "positive"}, _call(Call.POSITIVE)),
    ReadyList("in_doubt", _("In doubt"), {"call": "doubt"}, _call(Call.DOUBT)),
    ReadyList(
        "late",
        _("Late"),
        {"late": "1"},
        lambda user, sortable: OPEN & Q(**{f"{sortable.deadline}__lt": Now()}),
    ),
    ReadyList(
        "failed",
        _("Model failed"),
        {"state": CaseState.FAILED.value},
        lambda user, sortable: Q(state=CaseState.FAILED),
    ),
    ReadyList(
        "third",
        _("Third reading"),
        {"state": CaseState.THIRD.value},
        lambda user, sortable: THIRD,
    ),
    ReadyList(
        "held",
        _("Held by me"),
        {"mine": "1"},
        lambda user, sortable: (OPEN | THIRD) & held_by(user),
    ),
    ReadyList(
        "read_today",
        _("Read today"),
        {"state": CaseState.REVIEWED.value, "read_today": "1"},
        lambda user, sortable: read_today_by(user),
    ),
)


def ready_lists(user: User, sortable: Sortable) -> list[CountedList]:
    """The lists that ``user`` may open, without those that say what is hidden from them. One statement."""
    offered = [ready for ready in READY_LISTS if "call" not in ready.params or sortable.is_by_model]
    counts = _counts([ready.cases(user, sortable) for ready in offered], user)
    return [
        CountedList(
            ready,
            WorklistQuery.from_params(ready.params),
            min(count, MOST_COUNTED),
            count > MOST_COUNTED,
        )
        for ready, count in zip(offered, counts, strict=True)
    ]


def _counts(conditions: list[Q], user: User) -> list[int]:
    parts: list[str] = []
    values: list[Any] = []
    for condition in conditions:
        cases = Case.objects.filter(condition, site__in=held_sites(user)).order_by()
        sql = compiled(cases.values("pk")[: MOST_COUNTED + 1])
        parts.append(f"(SELECT count(*) FROM ({sql[0]}) AS counted)" if sql else "0")  # noqa: S608
        values += sql[1] if sql else ()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())
