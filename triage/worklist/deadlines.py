"""How long a case may wait, and therefore when it is due.

The model may only shorten the wait that the priority gives: an unread, failed or refused case keeps
the priority's wait, so a wrong model can't push anybody back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from triage.models import WaitRule
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
