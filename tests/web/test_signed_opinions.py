"""The signed opinions of a case cost the same number of queries, however many are the reader's own."""

import pytest

from tests.factories import make_case
from triage.models import Case
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.web.signed import signed_opinions
from triage.worklist.one_case import shown_case

pytestmark = pytest.mark.usefixtures("storage")


def test_ones_own_opinions_ask_no_more_than_another_s(site, people, django_assert_max_num_queries):
    case = make_case(site, people.clinician, images=2, finding={"assessable": False})
    review = sign(
        case=case,
        reader=people.reviewer,
        given=GivenOpinion("none"),
        prediction_id=case.deciding_prediction_id,
    )
    for at in range(4):
        review = correct(
            review=review, reader=people.reviewer, given=GivenOpinion("none", comment=str(at))
        )
    Case.objects.update(
        not_assessable_images=1
    )  # of two: who agrees has to know how many there are
    for reader, most in ((people.clinician2, 3), (people.reviewer, 4)):
        shown = shown_case(reader, Case.objects.get())
        with django_assert_max_num_queries(most):
            signed = signed_opinions(shown, reader, {})
        assert [one.may_correct for one in signed] == [reader == people.reviewer, *[False] * 4]
