"""Which signed opinions a site calls critical, and who is notified after whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from triage.models import CriticalRule, CriticalStep
from triage.models.call_back import Owner
from triage.review.differences import Signed
from triage.vocabulary import BodyPart, Conclusion, FractureClass


@dataclass(frozen=True)
class Matches:
    """A row of the table. An empty class or part means any."""

    fracture_class: str = ""
    body_part: str = ""
    also_possible: bool = False


@dataclass(frozen=True)
class Step:
    role: str
    minutes: int

    @property
    def wait(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class CriticalTable:
    rules: Sequence[Matches]
    steps: Sequence[Step]

    def step(self, number: int) -> Step:
        """The step ``number``, from 1 on. After the last, the last comes again."""
        return self.steps[min(number, len(self.steps)) - 1]


# A dislocated joint and a pathological fracture can't wait, nor can the spine, the skull and the hip.
DEFAULTS = CriticalTable(
    rules=(
        Matches(FractureClass.FRACTURE_DISLOCATION),
        Matches(FractureClass.PATHOLOGICAL),
        Matches(body_part=BodyPart.SKULL, also_possible=True),
        Matches(body_part=BodyPart.CSPINE, also_possible=True),
        Matches(body_part=BodyPart.TSPINE),
        Matches(body_part=BodyPart.LSPINE),
        Matches(body_part=BodyPart.PELVIS),
        Matches(body_part=BodyPart.HIP),
    ),
    steps=(Step(Owner.SENDER, 15), Step(Owner.CLINICIAN, 15), Step(Owner.REVIEWER, 30)),
)


def critical_table(site_id: UUID) -> CriticalTable:
    """The site's own table, or the one for a start."""
    steps = CriticalStep.objects.filter(site_id=site_id).order_by("number")
    own = [Step(step.role, step.minutes) for step in steps]
    if not own:
        return DEFAULTS
    rules = CriticalRule.objects.filter(site_id=site_id).order_by("fracture_class", "body_part")
    return CriticalTable(
        [Matches(rule.fracture_class, rule.body_part, rule.also_possible) for rule in rules], own
    )


def is_critical(signed: Signed, body_part: str, rules: Iterable[Matches]) -> bool:
    """Whether a row of the table calls what was signed critical. A pure function."""
    if signed.conclusion != Conclusion.FRACTURE:
        return False
    return any(
        rule.fracture_class in ("", *signed.classes)
        and rule.body_part in ("", body_part)
        and (rule.also_possible or not signed.possible)
        for rule in rules
    )
