"""Why a reader can't sign a case now: the head says it, so that a form that lies open is turned off by it."""

from dataclasses import dataclass

from accounts.refusals import Refused
from triage.models import Case, Reading
from triage.review.claims import how_it_was_lost


@dataclass(frozen=True)
class Standing:
    """``code``: what became of the case. Two acts have two codes, however alike their texts are."""

    code: str
    text: str


def standings(case: Case, lost: Reading | None, refusal: Refused | None) -> list[Standing]:
    """How a claim was lost, and why the case can't be claimed now. A page says the first that is new to it.

    Args:
        lost: the reader's last reading of the case, if somebody else ended it.
        refusal: why the reader may not claim the case.
    """
    found = []
    if lost:
        found.append(Standing(f"lost.{lost.pk}", how_it_was_lost(lost)))
    if refusal:
        holder = case.reading.pk if case.claim_is_live and case.reading else ""
        found.append(Standing(f"{refusal.code}.{holder}", refusal.message))
    return found
