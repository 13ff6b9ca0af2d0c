"""What another table of waits would do to a site's open cases, before it is saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Site, User
from triage.disclosure import DisclosedCase, Sortable, disclosure_at
from triage.models import Case
from triage.vocabulary import Priority
from triage.worklist.case_summary import CasePredictions, predictions_of, redate_alone
from triage.worklist.deadlines import WaitTable

MOST = 1000  # cases that are looked at, in the order of the list
LISTED = 10


@dataclass(frozen=True)
class Moved:
    """An open case that would get another deadline. ``is_visible``: the person may open it."""

    case: Case
    before: datetime
    after: datetime
    is_visible: bool = False


@dataclass(frozen=True)
class Preview:
    """Numbers of open cases. ``late``: not late now, and late by the other table.

    ``first``: of the cases that move, those that are due first now. ``has_more``: only the ``looked_at``
    cases that are due first were looked at. ``by_priority_alone``: the deadlines are those of the priorities,
    since what the model says is hidden from the person.
    """

    looked_at: int
    has_more: bool
    sooner: int
    later: int
    late: int
    by_priority_alone: bool
    first: list[Moved]


def preview_of(site: Site, table: WaitTable, user: User) -> Preview:
    """What ``table`` would change for ``user``, who may not know each deadline. Nothing is saved.

    An admin asks for as many tables as they like. If one moved a case by what the model says of it, two
    that differ in a type's confidence would tell an admin who opens no case its type and its confidence.
    """
    disclosure = disclosure_at(site.pk, user)
    found = list(_due_first(site, disclosure.sortable))
    moved, now = list(_moved(disclosure.cases(found[:MOST]), table)), timezone.now()
    return Preview(
        looked_at=min(len(found), MOST),
        has_more=len(found) > MOST,
        sooner=sum(one.after < one.before for one in moved),
        later=sum(one.after > one.before for one in moved),
        late=sum(one.after <= now < one.before for one in moved),
        by_priority_alone=not disclosure.sortable.is_by_model,
        first=_with_visibility(moved[:LISTED], user),
    )


def _due_first(site: Site, sortable: Sortable) -> QuerySet[Case]:
    """The open cases that are due first, one more than are looked at.

    If the model's output is hidden, the first of each priority: the index of the deadline by priority alone
    begins with the priority, and without it all open cases would be sorted.
    """
    open_cases = Case.objects.filter(site=site).open()
    by_deadline = (sortable.deadline, "pk")
    if not sortable.is_by_model:
        first, *others = (
            open_cases.filter(priority=priority).order_by(*by_deadline)[: MOST + 1]
            for priority in Priority
        )
        open_cases = first.union(*others, all=True)
    return open_cases.order_by(*by_deadline)[: MOST + 1]


def _moved(disclosed_cases: list[DisclosedCase], table: WaitTable) -> Iterator[Moved]:
    # What is hidden is due by its priority alone, whatever the predictions are.
    read = predictions_of(shown.case for shown in disclosed_cases if shown.is_shown)
    for disclosed_case in disclosed_cases:
        case, before = disclosed_case.case, disclosed_case.due_at
        redate_alone(case, read.get(case.pk, CasePredictions()), table)
        if disclosed_case.due_at != before:
            yield Moved(case, before, disclosed_case.due_at)


def _with_visibility(moved: list[Moved], user: User) -> list[Moved]:
    keys = [one.case.pk for one in moved]
    visible = set(Case.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    return [Moved(one.case, one.before, one.after, one.case.pk in visible) for one in moved]
