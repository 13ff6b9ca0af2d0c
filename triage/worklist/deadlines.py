"""How long a case may wait, and so when it is due.

The model may only shorten the wait that the priority gives:

* a case in doubt or with a suspected fracture waits the shorter of the priority's wait in doubt (half,
  unless the site says another) and, if the class is confident enough, the class's wait: a call never
  waits longer than a doubt;
* a negative, not assessable, failed or unread case keeps the priority's wait,

so a wrong model can't push anybody back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from triage.models import WaitRule
from triage.vocabulary import FractureClass, Priority

# Starting values, taken from no study: an admin of a site sets its own (the page Waits). Stat: the patient
# waits in the emergency room. Urgent: within the same half of a shift. Routine: by the next day.
DEFAULT_PRIORITY_MINUTES = {Priority.STAT: 30, Priority.URGENT: 4 * 60, Priority.ROUTINE: 24 * 60}

# (minutes, from this calibrated confidence). What threatens vessels, nerves or soft tissue first;
# a pathological fracture for what is behind it. Starting values for the site's clinical lead to change.
# 0.40 was not fitted. A class from there on is right in two of five cases at least, about as often as the
# shipped release is over all ten types, where chance is one in ten. A wrong one only brings a case forward.
# It is the same for all classes, because no figures by class justify another.
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
class CalledClass:
    """What the model says of an image with a suspected fracture or in doubt, as the order needs it.

    ``confidence``: 0 to 1, calibrated.
    """

    fracture_class: str
    confidence: float


def half(minutes: int) -> int:
    """The wait in doubt of a priority that has no other: at least 1 minute, never longer than ``minutes``."""
    return max(1, minutes // 2)


@dataclass(frozen=True)
class WaitTable:
    """A site's allowed waits, in minutes.

    ``doubts`` holds only the priorities whose wait in doubt the site has set itself. ``classes``: class →
    minutes, and the confidence from which they count.
    """

    priorities: dict[int, int]
    doubts: dict[int, int]
    classes: dict[str, tuple[int, float]]

    @classmethod
    def of(cls, site_id: UUID) -> "WaitTable":
        """The site's table, with the defaults for what it doesn't set."""
        return cls.from_rules(WaitRule.objects.filter(site_id=site_id))

    @classmethod
    def from_rules(cls, rules: Iterable[WaitRule]) -> "WaitTable":
        """The table that these rules make, saved or not."""
        priorities = {int(key): value for key, value in DEFAULT_PRIORITY_MINUTES.items()}
        doubts: dict[int, int] = {}
        classes = {str(key): value for key, value in DEFAULT_CLASS_MINUTES.items()}
        for rule in rules:
            if rule.predicted_class:
                classes[rule.predicted_class] = (rule.minutes, rule.minimum_confidence)
            elif rule.priority is not None:
                priorities[rule.priority] = rule.minutes
                if rule.doubt_minutes is not None:
                    doubts[rule.priority] = rule.doubt_minutes
        return cls(priorities, doubts, classes)

    def in_doubt(self, priority: int) -> int:
        """Minutes that a suspected or doubtful case may wait if its class isn't confident enough."""
        return self.doubts.get(priority, half(self.priorities[priority]))

    def allowed(self, priority: int, called: CalledClass | None = None) -> timedelta:
        """The wait of a case of ``priority``.

        Args:
            called: of a suspected fracture or a case in doubt; None of every other case.

        Returns:
            Without a class the priority's wait. With one the shorter of the priority's wait in doubt
            and, if the class is confident enough, the class's wait: never longer than the priority's.
        """
        if called is None:
            return timedelta(minutes=self.priorities[priority])
        minutes = self.in_doubt(priority)
        if called.fracture_class in self.classes:
            class_minutes, minimum = self.classes[called.fracture_class]
            if called.confidence >= minimum:
                minutes = min(minutes, class_minutes)
        return timedelta(minutes=minutes)

    def due(
        self, received_at: datetime, priority: int, called: CalledClass | None = None
    ) -> datetime:
        return received_at + self.allowed(priority, called)
