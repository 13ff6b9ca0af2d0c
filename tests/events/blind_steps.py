"""What brings about the acts of blind reading, and of a lead."""

from typing import Any

from tests.events.steps import SAID, lead
from tests.factories import make_case
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.priority import change_priority
from triage.review.reading_rules import set_reading_rules
from triage.states import CaseState
from triage.vocabulary import Priority


def first_locked(c: Any) -> Any:
    case = make_case(c.site, c.people.clinician, CaseState.RECEIVED, is_blind=True)
    given = GivenOpinion("none", comment=SAID)
    return lock_first_reading(case=case, reader=c.people.reviewer, given=given)


def rules_changed(c: Any) -> Any:
    return set_reading_rules(site=c.site, blind_percent=30, actor=c.people.admin)


def made_stat(c: Any) -> None:
    change_priority(case=c.case, actor=lead(c), priority=Priority.STAT, reason=SAID)
