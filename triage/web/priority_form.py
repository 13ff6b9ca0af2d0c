"""What a lead chose and typed to change priorities: of ticked rows, or on the page of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from triage.review.actions import Action, Actions
from triage.vocabulary import Priority
from triage.worklist.filters import PRIORITY_NAMES

PRIORITY_CHOICES = [(name, Priority(value).label) for name, value in PRIORITY_NAMES.items()]
SEEN = "has_seen_output"  # a lead who may not, and would look for the form


@dataclass(frozen=True)
class GivenPriority:
    """As it was sent: a refused form comes back with it."""

    name: str
    reason: str
    ticked: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, form: QueryDict, ticked: Iterable[UUID] = ()) -> "GivenPriority":
        return cls(form.get("priority", ""), form.get("reason", ""), frozenset(ticked))

    @property
    def priority(self) -> int:
        """Raises Refused if none is chosen."""
        priority = PRIORITY_NAMES.get(self.name)
        if priority is None:
            raise Refused("no_priority", _("Choose a priority."))
        return priority


def priority_panel(actions: Actions) -> dict[str, Any]:
    """The form on a case's page, and why a lead has none there."""
    refusal = actions.refusal(Action.CHANGE_PRIORITY)
    return {
        "may_change_priority": refusal is None,
        "priority_refusal": refusal if refusal and refusal.code == SEEN else None,
        "priorities": PRIORITY_CHOICES,
    }
