"""What nobody can agree with: a doubt, and a case that the model has not read as a whole."""

import pytest
from django.urls import reverse

from accounts.refusals import Refused
from tests.factories import make_case, make_release
from tests.worklist.test_case_as_a_whole import made
from triage.models import Case, Review
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Call, Conclusion, Stage

pytestmark = pytest.mark.usefixtures("storage")
IN_DOUBT = "The model is in doubt: say yourself whether there is a fracture."


def refused(case, reader):
    """The code with which agreeing is refused, by the prediction's id and without it."""
    codes = set()
    for seen in (case.deciding_prediction_id, None):
        with pytest.raises(Refused) as refusal:
            sign(case=case, reader=reader, given=GivenOpinion(agrees=True), prediction_id=seen)
        codes.add(refusal.value.code)
    case.refresh_from_db()
    assert case.is_open
    assert not Review.objects.exists()
    (code,) = codes
    return code


@pytest.mark.parametrize("usable", [True, False])
def test_nobody_agrees_with_a_doubt(site, people, usable):
    """Where the call may not be used, a positive one is a doubt too."""
    make_release(usable=usable)
    said = {"call": "doubt" if usable else "positive", "fracture_probability": 0.09}
    case = make_case(site, people.clinician, top="greenstick", finding=said)
    assert refused(case, people.reviewer) == "model_in_doubt"
    review = sign(
        case=case,
        reader=people.reviewer,
        given=GivenOpinion("certain", ("greenstick",)),
        prediction_id=case.deciding_prediction_id,
    )
    with pytest.raises(Refused, match=IN_DOUBT):
        correct(review=review, reader=people.reviewer, given=GivenOpinion(agrees=True))


def test_rest_refuses_to_agree_with_a_doubt_in_one_sentence(site, people, client):
    case = make_case(site, people.clinician, finding={"call": "doubt"})
    client.force_login(people.reviewer)
    body = {"opinion": "agree", "prediction": str(case.deciding_prediction_id)}
    address = reverse("api_case_reviews", args=[case.pk])
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("model_in_doubt", IN_DOUBT)
    assert not Review.objects.exists()


def test_the_form_refuses_to_agree_with_a_doubt(site, people, client):
    case = make_case(site, people.clinician, finding={"call": "doubt"})
    client.force_login(people.reviewer)
    form = {"agrees": "yes", "prediction": str(case.deciding_prediction_id), "comment": "Seen."}
    answer = client.post(reverse("case_review", args=[case.pk]), form)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert IN_DOUBT in page
    assert "Seen." in page
    assert not Review.objects.exists()


@pytest.mark.parametrize("other", ["excluded", "failed", "refused", "queued"])
def test_nobody_agrees_with_half_a_case(site, people, other):
    case = made(site, people, "negative", other)
    assert refused(case, people.reviewer) == "not_read_as_a_whole"
    negative = case.first_image.predictions.get()
    with pytest.raises(Refused):
        sign(
            case=case,
            reader=people.reviewer,
            given=GivenOpinion(agrees=True),
            prediction_id=negative.pk,
        )
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))


@pytest.mark.parametrize(
    ("pictures", "conclusion"),
    [
        (("negative", "negative"), Conclusion.NO_FRACTURE),
        (("refused", "refused"), Conclusion.NOT_ASSESSABLE),
        (("excluded", "positive"), Conclusion.FRACTURE),
        (("refused", "positive"), Conclusion.FRACTURE),
        (("doubt", "positive"), Conclusion.FRACTURE),
    ],
)
def test_what_the_model_says_of_the_whole_case_can_be_agreed_with(
    site, people, pictures, conclusion
):
    case = made(site, people, *pictures)
    seen = case.deciding_prediction_id
    review = sign(
        case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen
    )
    assert review.conclusion == conclusion
    assert review.classes == (["hairline"] if conclusion == Conclusion.FRACTURE else [])


def test_a_doubt_that_was_agreed_with_before_stays_signed(site, people):
    """It is history; its correction says more than "agree"."""
    case = make_case(site, people.clinician, CaseState.REVIEWED, finding={"call": "doubt"})
    review = Review.objects.get(case=case, stage=Stage.SECOND_OPINION)
    assert (review.agrees, review.conclusion) == (True, Conclusion.FRACTURE)
    with pytest.raises(Refused, match=IN_DOUBT):
        correct(review=review, reader=review.reader, given=GivenOpinion(agrees=True))


def test_an_old_case_of_which_nothing_was_counted_keeps_its_correction(site, people):
    case = make_case(site, people.clinician, images=2, finding={"assessable": False})
    seen = case.deciding_prediction_id
    review = sign(
        case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen
    )
    again = correct(review=review, reader=people.reviewer, given=GivenOpinion(agrees=True))
    assert again.conclusion == Conclusion.NOT_ASSESSABLE
    assert Case.objects.get().call == Call.NOT_ASSESSABLE
