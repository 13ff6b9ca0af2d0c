"""What waits for a person, counted for the front page."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from triage.report.call_back_list import call_backs_of
from triage.report.critical_list import critical_of
from triage.report.held_roles import HeldRoles

MOST_COUNTED = 1000


@dataclass(frozen=True)
class ToDo:
    """Each up to MOST_COUNTED + 1: more are not counted."""

    call_backs: int
    critical: int


def to_do_of(user: User, held: HeldRoles | None = None) -> ToDo:
    """``held``: the person's roles, where they were asked for."""
    held = held or HeldRoles.of(user)
    return ToDo(_counted(call_backs_of(held)), _counted(critical_of(held)))


def _counted(rows: QuerySet) -> int:
    return rows[: MOST_COUNTED + 1].count()
