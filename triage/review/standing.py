"""The opinions that stand on closed cases: what a list shows of them."""

from collections.abc import Iterable
from uuid import UUID

from triage.disclosure import DisclosedCase
from triage.models import Review
from triage.states import CaseState


def standing_opinions(disclosed_cases: Iterable[DisclosedCase]) -> dict[UUID, Review]:
    """Id of a case → the opinion that closed it, or its newest correction. One query, none if all are open.

    Without the cases whose model output is hidden from this person: who agreed with it reveals it.
    """
    ids = [
        disclosed_case.case.pk
        for disclosed_case in disclosed_cases
        if disclosed_case.is_shown and disclosed_case.case.state == CaseState.REVIEWED
    ]
    if not ids:
        return {}
    concluding = Review.objects.concluding().filter(case__in=ids)
    return {review.case_id: review for review in concluding}
