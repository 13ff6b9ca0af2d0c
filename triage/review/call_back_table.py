"""Which differences a site calls its patients back for: its own table, or the one for a start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from triage.models import CallBackRule
from triage.models.call_back import CallBackReason, Owner


@dataclass(frozen=True)
class Rule:
    is_on: bool
    owner: str
    minutes: int

    @property
    def wait(self) -> timedelta:
        return timedelta(minutes=self.minutes)


# A dislocation loses its blood supply within hours; a missed fracture is treated the same day; a splint that
# is not needed can wait for the next one. What was acted on and is not so any more: as a missed fracture.
DEFAULTS: Mapping[str, Rule] = {
    CallBackReason.DISLOCATION_MISSED: Rule(True, Owner.SENDER, 60),
    CallBackReason.FRACTURE_MISSED: Rule(True, Owner.SENDER, 4 * 60),
    CallBackReason.POSSIBLE_FRACTURE_MISSED: Rule(True, Owner.SENDER, 24 * 60),
    CallBackReason.TREATED_WITHOUT_FRACTURE: Rule(True, Owner.SENDER, 24 * 60),
    CallBackReason.CHANGED_SINCE: Rule(True, Owner.SENDER, 4 * 60),
}


def call_back_table(site_id: UUID) -> dict[str, Rule]:
    """A rule for every difference, by its reason."""
    own = CallBackRule.objects.filter(site_id=site_id)
    return {**DEFAULTS, **{rule.reason: Rule(rule.is_on, rule.owner, rule.minutes) for rule in own}}
