"""What a row of a list says: the question before it is read, the signed answer after it."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from tests.pages import flat
from triage.intake.services import withdraw_case
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.vocabulary import AgeBand, Sex, Side

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def rows(client, query=""):
    return flat(client.get(f"/?{query}").content.decode()).split("<tbody>")[1].split("</tbody>")[0]


def test_a_row_shows_question_age_part_and_side(site, people, reader):
    asked = {"clinical_question": "Fell on the hand. Scaphoid?", "age_band": AgeBand.values[2]}
    make_case(site, people.clinician, side=Side.LEFT, sex=Sex.FEMALE, **asked)
    page = rows(reader)
    for words in (
        "Fell on the hand. Scaphoid?",
        str(AgeBand.choices[2][1]),
        "Wrist, left",
        "female",
    ):
        assert words in page


def test_a_closed_case_shows_what_was_signed_and_never_the_models_class(site, people, reader):
    case = make_case(site, people.clinician, top="spiral", confidence=0.83)
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    page = rows(reader, "state=reviewed")
    assert "No fracture" in page
    assert "Spiral" not in page
    assert "83 %" not in page
    reader.force_login(people.clinician)  # who sent it sees the answer
    assert "No fracture" in rows(reader, "state=reviewed")
    address = reverse("worklist_live") + "?state=reviewed"
    etag = reader.get(address)["ETag"]
    given = GivenOpinion("certain", ("oblique",))
    correct(review=review, reader=people.reviewer, given=given)
    changed = reader.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert "Fracture, certain: oblique" in flat(changed.content.decode())


def test_a_withdrawn_case_shows_no_call(site, people, reader):
    case = make_case(site, people.clinician, top="spiral")
    withdraw_case(case=case, actor=people.clinician, reason="Wrong patient")
    page = rows(reader, "state=withdrawn")
    assert "Spiral" not in page
    assert "Withdrawn" in page


def test_what_was_signed_costs_one_query(site, people, reader, django_assert_max_num_queries):
    for number in range(5):
        case = make_case(site, people.clinician)
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none", comment=str(number)))
    with django_assert_max_num_queries(19):
        rows(reader, "state=reviewed")
