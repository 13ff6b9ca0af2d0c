"""What a person does to bring about an act that follows from a signature."""

from typing import Any

from tests.events.steps import SAID
from triage.models import CallBack, CriticalResult
from triage.report import call_backs, critical_results
from triage.review import services as reviews
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion


def sent_home(c: Any) -> Any:
    return record_interim_opinion(
        case=c.case,
        author=c.people.clinician,
        interim_fracture="none",
        treated_as="soft_tissue",
        note=SAID,
    )


def broken(c: Any) -> Any:
    given = GivenOpinion("certain", ("spiral",))
    return reviews.sign(case=c.case, reader=c.people.reviewer, given=given)


def missed(c: Any) -> CallBack:
    """The open call-back of a fracture that was missed."""
    sent_home(c)
    broken(c)
    return CallBack.objects.get()


def dislocated(c: Any, review: Any) -> None:
    given = GivenOpinion("certain", ("fracture_dislocation",))
    reviews.correct(review=review, reader=c.people.reviewer, given=given)


def critical(c: Any) -> CriticalResult:
    """The result that waits since an opinion was signed that is critical."""
    given = GivenOpinion("certain", ("fracture_dislocation",))
    reviews.sign(case=c.case, reader=c.people.reviewer, given=given)
    return CriticalResult.objects.get()


def noted(c: Any, result: CriticalResult) -> None:
    by = {"actor": c.people.clinician, "review_id": result.review_id, "words": SAID}
    critical_results.acknowledge(result=result, **by)


def ended(c: Any, call_back: CallBack) -> None:
    by = {"actor": c.people.clinician, "review_id": call_back.review_id}
    call_backs.close_call_back(call_back=call_back, outcome="comes_back", words=SAID, **by)
