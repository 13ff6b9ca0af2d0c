"""What a list reads to say what was signed."""

import pytest

from tests.factories import make_case
from tests.readers import sign_as_shown
from triage.disclosure import shown_to
from triage.models import Case
from triage.review.opinion import GivenOpinion, given_in
from triage.review.sentence import sentence
from triage.review.standing import standing_opinions

pytestmark = pytest.mark.usefixtures("storage")


def test_a_signed_opinion_says_itself_without_the_prediction_that_was_shown(
    site, people, django_assert_num_queries
):
    case = make_case(site, people.clinician, top="spiral")
    sign_as_shown(case, people.reviewer, GivenOpinion("certain", ("spiral",)))
    shown = shown_to(people.clinician, [Case.objects.get()])
    with django_assert_num_queries(1) as asked:
        (review,) = standing_opinions(shown).values()
        assert sentence(given_in(review)) == "Fracture, certain: spiral."
    assert '"triage_prediction"' not in asked[0]["sql"] and review.prediction_id is not None
