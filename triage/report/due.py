"""Call-backs and critical results whose time has come, by the database's clock (``next_at``)."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from triage.apart import apart
from triage.models import CallBack, CriticalResult, Notice

ONE_PASS = 100  # of one task; the next one goes on


def each_due(rows: QuerySet[Any], what: str, notify: Callable[[UUID], bool]) -> int:
    """Calls ``notify`` with the id of each row that is due, the longest due first. Returns how many it took.

    One that fails stops no other: ``notify`` is a transaction of its own, and the next pass tries it again.

    Args:
        what: for the log, without anything of a patient: "call-back".
    """
    due = rows.filter(next_at__lte=Now()).order_by("next_at").values_list("pk", flat=True)
    notified = 0
    for row_id in list(due[:ONE_PASS]):
        with apart(f"Notifying of {what} {row_id}"):
            notified += notify(row_id)
    return notified


def write_notices(about: CallBack | CriticalResult, step: int, people: Sequence[User]) -> None:
    """One mail for each of them, which a worker sends. The caller has locked ``about``."""
    field = "call_back" if isinstance(about, CallBack) else "critical_result"
    Notice.objects.bulk_create(
        [
            Notice(**{field: about}, site_id=about.site_id, person=person, step=step)
            for person in people
        ],
        ignore_conflicts=True,
    )
