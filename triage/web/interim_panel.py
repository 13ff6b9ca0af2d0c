"""What the page of a case shows of interim opinions and call-backs."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from triage.disclosure import DisclosedCase
from triage.models import InterimOpinion
from triage.models.interim_opinion import InterimFracture, TreatedAs
from triage.review.interim import interim_opinions_for, refusal_to_record
from triage.web.call_backs import CallBackRow, call_backs_of_case

NOTHING_GIVEN = {"interim_fracture": "", "treated_as": "", "note": ""}


@dataclass(frozen=True)
class InterimPanel:
    """``opinions``: newest first. ``call_backs``: of the case, once it was signed: the one that goes on, then
    those that were closed, the last first.
    """

    opinions: list[InterimOpinion]
    may_record: bool
    is_asked: bool  # the form is open: the sender hasn't said anything yet
    call_backs: list[CallBackRow] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=lambda: dict(NOTHING_GIVEN))
    problem: str = ""

    fractures = InterimFracture.choices
    treatments = TreatedAs.choices


def interim_panel(disclosed_case: DisclosedCase, user: User, **more: Any) -> InterimPanel:
    """``more``: what was typed and why it was refused, where it was."""
    case = disclosed_case.case
    opinions = interim_opinions_for(user, disclosed_case)
    # Who reads the case may not, whatever their roles are.
    may_record = not case.is_claimed_by(user) and refusal_to_record(case, user) is None
    return InterimPanel(
        opinions=opinions,
        may_record=may_record,
        is_asked=may_record and not opinions and case.sender_id == user.pk,
        call_backs=[] if case.is_open else call_backs_of_case(disclosed_case, user),
        **more,
    )
