"""Who was asked for a second opinion gives no third one, which decides, since somebody signed meanwhile."""

import re

import pytest
from django.urls import reverse

from accounts.refusals import Conflict
from tests.factories import make_case
from triage.models import Case, Draft, Review
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import Stage

pytestmark = pytest.mark.usefixtures("storage")
NONE = GivenOpinion("none")


@pytest.fixture
def sure(site, people) -> Case:
    """A case of whose fracture the model is sure; the site asks a third reader where somebody sees none."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    return make_case(site, people.clinician)  # positive, 83 %


def test_a_second_opinion_that_comes_late_is_not_the_third(people, sure):
    sign(case=sure, reader=people.reviewer, given=NONE, stage=Stage.SECOND_OPINION)
    with pytest.raises(Conflict) as refused:
        sign(case=sure, reader=people.clinician2, given=NONE, stage=Stage.SECOND_OPINION)
    assert refused.value.code == "stage_changed"
    sure.refresh_from_db()
    assert (sure.state, sure.reading) == (CaseState.THIRD, None)
    third = sign(case=sure, reader=people.clinician2, given=NONE, stage=Stage.THIRD)
    assert third.stage == Stage.THIRD


def test_the_page_shows_what_was_signed_and_asks_again(people, sure, client):
    client.force_login(people.clinician2)
    page = client.get(reverse("case", args=[sure.pk])).text
    (stage,) = re.findall(r'name="stage" value="(\w+)"', page)
    sign(case=sure, reader=people.reviewer, given=NONE)
    form = {"fracture": "certain", "comment": "Seen.", "stage": stage}
    refused = client.post(reverse("case_review", args=[sure.pk]), form)
    assert refused.status_code == 409
    assert "yours would be the third reading" in refused.text
    assert 'name="stage" value="third"' in refused.text
    assert ">Seen.</textarea>" in refused.text
    assert not re.search(r'name="fracture"[^>]*checked', refused.text)
    assert Draft.objects.get().content["comment"] == "Seen."
    assert Review.objects.count() == 1


def test_a_third_opinion_that_is_not_due_is_called_so(people, sure):
    with pytest.raises(Conflict) as refused:
        sign(case=sure, reader=people.reviewer, given=NONE, stage=Stage.THIRD)
    assert refused.value.code == "stage_changed"
    assert "No third reading is due" in refused.value.message


def test_a_program_says_which_one_its_reader_was_asked_for(people, sure, client):
    address = reverse("api_case_reviews", args=[sure.pk])
    sign(case=sure, reader=people.reviewer, given=NONE)
    client.force_login(people.clinician2)
    sent = {"fracture": "none", "stage": "second_opinion"}
    late = client.post(address, sent, content_type="application/json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stage_changed")
    third = client.post(address, sent | {"stage": "third"}, content_type="application/json")
    assert (third.status_code, third.json()["stage"]) == (201, "third")
