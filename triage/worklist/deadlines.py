"""How long a case may wait, and therefore when it is due.

The model may only shorten the wait that the priority gives: an unread, failed or refused case keeps
the priority's wait, so a wrong model can't push anybody back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Site, User
from accounts.roles import MANAGES_SITE
from accounts.services.audit import record
from triage.models import Case, WaitRule
from triage.models.visibility import sites_where
from triage.refusals import NotPermitted, Refused
from triage.vocabulary import FractureClass, Priority

DEFAULT_PRIORITY_MINUTES = {Priority.STAT: 30, Priority.URGENT: 4 * 60, Priority.ROUTINE: 24 * 60}

# (minutes, from this calibrated confidence). What threatens vessels, nerves or soft tissue first;
# a pathological fracture for what is behind it. A starting point for the site's clinical lead.
DEFAULT_CLASS_MINUTES: dict[FractureClass, tuple[int, float]] = {
    FractureClass.FRACTURE_DISLOCATION: (60, 0.40),
    FractureClass.COMMINUTED: (2 * 60, 0.40),
    FractureClass.PATHOLOGICAL: (4 * 60, 0.40),
    FractureClass.SPIRAL: (6 * 60, 0.40),
    FractureClass.OBLIQUE: (6 * 60, 0.40),
    FractureClass.LONGITUDINAL: (8 * 60, 0.40),
    FractureClass.IMPACTED: (8 * 60, 0.40),
    FractureClass.AVULSION: (12 * 60, 0.40),
    FractureClass.GREENSTICK: (12 * 60, 0.40),
    FractureClass.HAIRLINE: (16 * 60, 0.40),
}


@dataclass(frozen=True)
class Suggestion:
    """What the model says of one image, as far as the order is concerned."""

    fracture_class: str
    confidence: float


@dataclass(frozen=True)
class WaitTable:
    """A site's allowed waits, in minutes."""

    priorities: dict[int, int]
    classes: dict[str, tuple[int, float]]

    @classmethod
    def of(cls, site_id: UUID) -> "WaitTable":
        """The site's table; what it doesn't say, the defaults do."""
        priorities = {int(key): value for key, value in DEFAULT_PRIORITY_MINUTES.items()}
        classes = {str(key): value for key, value in DEFAULT_CLASS_MINUTES.items()}
        for rule in WaitRule.objects.filter(site_id=site_id):
            if rule.predicted_class:
                classes[rule.predicted_class] = (rule.minutes, rule.minimum_confidence)
            elif rule.priority is not None:
                priorities[rule.priority] = rule.minutes
        return cls(priorities, classes)

    def allowed(self, priority: int, suggestion: Suggestion | None = None) -> timedelta:
        """The shorter of what the priority and, if confident enough, the class allow."""
        minutes = self.priorities[priority]
        if suggestion is not None and suggestion.fracture_class in self.classes:
            class_minutes, minimum = self.classes[suggestion.fracture_class]
            if suggestion.confidence >= minimum:
                minutes = min(minutes, class_minutes)
        return timedelta(minutes=minutes)

    def due(
        self, received_at: datetime, priority: int, suggestion: Suggestion | None = None
    ) -> datetime:
        return received_at + self.allowed(priority, suggestion)


def redate_open_cases(site: Site) -> int:
    """Gives every open case of the site the deadline of the present table. Returns how many moved.

    Call inside a transaction. Only the deadline moves: which image decided stays as it was.
    """
    table = WaitTable.of(site.pk)
    moved = []
    cases = Case.objects.select_for_update(of=("self",)).filter(site=site).open().order_by("pk")
    for case in cases:
        due_at = table.due(case.received_at, case.priority, suggestion_of(case))
        if due_at != case.due_at:
            case.due_at = due_at
            moved.append(case)
    Case.objects.bulk_update(moved, ["due_at"], batch_size=500)
    return len(moved)


def suggestion_of(case: Case) -> Suggestion | None:
    """What the case's row says the model suggests."""
    if not case.predicted_class:
        return None
    return Suggestion(case.predicted_class, case.confidence)


@transaction.atomic
def set_wait_rules(*, site: Site, rules: Sequence[WaitRule], actor: User) -> int:
    """Replaces the site's table and re-dates its open cases.

    Args:
        rules: unsaved rules, one for each priority at least. Their site is set here.

    Returns:
        How many open cases got another deadline.
    """
    if not actor.is_staff and site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its waits."))
    if {rule.priority for rule in rules if rule.priority is not None} != set(Priority.values):
        raise Refused("priority_missing", _("Give an allowed wait for each priority."))
    Site.objects.select_for_update().get(pk=site.pk)
    WaitRule.objects.filter(site=site).delete()
    for rule in rules:
        rule.site = site
        rule.full_clean()
        rule.save()
    moved = redate_open_cases(site)
    record("waits.changed", site, actor=actor, site=site, rules=len(rules), redated=moved)
    return moved
