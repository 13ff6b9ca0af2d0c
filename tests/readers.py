"""What a reader does with a case that lies open before them."""

from accounts.models import User
from triage.models import Case, Review
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.worklist.one_case import shown_case


def sign_as_shown(case: Case, reader: User, given: GivenOpinion) -> Review:
    """Signs beside the prediction that ``reader`` is shown, as the page and its form do."""
    seen = shown_case(reader, case).deciding_id
    return sign(case=case, reader=reader, given=given, prediction_id=seen)
