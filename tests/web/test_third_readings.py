"""Third readings are worked through by Next, Sign and next and REST, in their own list."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from tests.pages import flat
from triage.models import Case, Review
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import Stage

pytestmark = pytest.mark.usefixtures("storage")
THIRD = "state=third"


@pytest.fixture
def disputed(site, people):
    """Three that the reviewer has read against a sure model, and one that nobody has read."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    cases = [make_case(site, people.clinician) for _number in range(3)]
    for case in cases:
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
        case.refresh_from_db()
    assert {case.state for case in cases} == {CaseState.THIRD}
    return cases


@pytest.fixture
def third(people, client):
    client.force_login(people.clinician2)
    return client


def address(case, name="case"):
    return reverse(name, args=[case.pk])


def test_next_and_sign_and_next_go_through_the_list(third, people, disputed):
    unread = make_case(disputed[0].site, people.clinician)
    answer = third.post("/next/", {"view": THIRD})
    for number, case in enumerate(disputed):
        assert answer["Location"] == f"{address(case)}?view=state%3Dthird", number
        given = {"fracture": "none", "then": "next", "view": THIRD}
        answer = third.post(address(case, "case_review"), given)
    assert answer["Location"] == "/?state=third"
    page = flat(third.get(answer["Location"]).content.decode())
    assert "Signed." in page and "No case in this view is free for you now." in page
    closing = Review.objects.filter(reader=people.clinician2)
    assert {review.stage for review in closing} == {Stage.THIRD}
    assert {review.case_id for review in closing} == {case.pk for case in disputed}
    assert Case.objects.get(pk=unread.pk).state == CaseState.PREDICTED


def test_the_usual_next_leaves_them_out_and_says_that_they_wait(third, client, people, disputed):
    page = flat(third.post("/next/", {}, follow=True).content.decode())
    assert (
        "No case in this view is free for you now." in page
        and "third reader: open the list" in page
    )
    assert f'href="/?{THIRD}"' in page
    client.force_login(people.reviewer)  # who has read them
    page = flat(client.post("/next/", {}, follow=True).content.decode())
    assert (
        "No case in this view is free for you now." in page
        and "third reader: open the list" not in page
    )
    assert client.post("/next/", {"view": THIRD})["Location"] == f"/?{THIRD}"


def test_skip_passes_one_over(third, disputed):
    answer = third.post(address(disputed[0], "case_skip"), {"view": THIRD})
    assert answer["Location"] == f"{address(disputed[1])}?view=state%3Dthird"


def test_rest_gives_them_out_where_they_are_asked_for(third, disputed):
    ask = reverse("api_next")
    assert third.post(ask, {}, "application/json").status_code == 204
    for case in disputed[:2]:
        body = third.post(f"{ask}?{THIRD}", {}, "application/json").json()
        assert (body["id"], body["state"]) == (str(case.pk), "third")
        assert body["actions"][2] == {"action": "sign", "allowed": True, "code": None, "reason": ""}


def test_the_page_says_what_a_third_reader_sees(third, disputed):
    page = flat(third.get(address(disputed[0])).content.decode())
    assert "you see what the model said and what was signed before" in page
    assert "Fracture suspected" in page
