"""The worklist over REST is the worklist of the page: same filters, orders and cursors."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case
from triage.api.worklist import PARAMETERS
from triage.models import Case
from triage.review.claims import claim
from triage.review.opinion import GivenOpinion
from triage.review.sentence import sentence
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist.orders import SORTS
from triage.worklist.query import WorklistQuery

WORKLIST = "/api/v1/worklist"
pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def cases(site, people):
    now = timezone.now()
    return [
        make_case(
            site,
            people.clinician,
            top=("spiral", "avulsion", "oblique")[number % 3],
            confidence=(0.3, 0.6, 0.9)[number % 3],
            finding=({}, {"call": "negative"}, {"call": "doubt"})[number % 3],
            priority=Priority.values[number % 3],
            due_at=now + timedelta(minutes=60 - number),
        )
        for number in range(6)
    ]


def ids(body):
    return [case["id"] for case in body["results"]]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_it_is_the_order_of_the_page(cases, people, signed_in, sort, order):
    body = signed_in(people.reviewer).get(f"{WORKLIST}?sort={sort}&order={order}").json()
    page = WorklistQuery.from_params({"sort": sort, "order": order}).page(people.reviewer)
    assert ids(body) == [str(case.pk) for case in page.cases]
    assert len(body["results"]) == 6


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", lambda case: True),
        ("finding=doubt&finding=negative", lambda case: case.call in (1, 2)),
        (
            "class=spiral&class=oblique",
            lambda case: case.predicted_class != "avulsion" and case.call <= 1,
        ),
        ("confidence_min=0.5&confidence_max=0.95", lambda case: case.confidence == 0.9),
        (
            "confidence_min=0.5&confidence_max=0.7&finding=negative",
            lambda case: case.confidence == 0.6,
        ),
        ("priority=stat", lambda case: case.priority == Priority.STAT),
        ("site=north", lambda case: True),
        ("state=failed", lambda case: False),
        ("mine=1", lambda case: case.claimed_by is not None),
    ],
)
def test_it_filters(cases, people, signed_in, query, wanted):
    claim(case=cases[2], reader=people.reviewer)
    body = signed_in(people.reviewer).get(f"{WORKLIST}?{query}").json()
    assert set(ids(body)) == {str(case.pk) for case in Case.objects.all() if wanted(case)}


def test_a_case_in_the_list_has_what_the_page_shows(cases, people, signed_in):
    claim(case=cases[5], reader=people.reviewer)
    first = signed_in(people.reviewer).get(WORKLIST).json()["results"][0]
    case = Case.objects.get(pk=cases[5].pk)
    assert first["id"] == str(case.pk)
    assert (first["predicted_class"], first["confidence"]) == ("oblique", 0.9)
    assert first["finding"] == "doubt"
    assert (first["priority"], first["state"]) == ("routine", "predicted")
    assert first["claim"]["holder"]["name"] == "Rita Reviewer"
    assert first["image_count"] == 1
    assert first["thumbnail"].endswith(f"/api/v1/images/{case.first_image.pk}/thumbnail")


def test_next_and_previous_keep_the_view(cases, people, signed_in, monkeypatch):
    page = WorklistQuery.page
    monkeypatch.setattr(WorklistQuery, "page", lambda *args, **kwargs: page(*args, 2, **kwargs))
    client = signed_in(people.reviewer)
    body = client.get(
        f"{WORKLIST}?sort=confidence&site=north&finding=negative&finding=doubt"
    ).json()
    assert body["previous"] is None
    seen = ids(body)
    body = client.get(body["next"]).json()
    seen += ids(body)
    assert body["next"] is None
    assert len(set(seen)) == 4
    assert ids(client.get(body["previous"]).json()) == seen[:2]


@pytest.mark.parametrize(
    "query",
    ["sort=luck", "class=broken", "confidence_min=2", "from=yesterday", "site=south", "page=2"],
)
def test_a_filter_that_can_not_be_meant_is_400_in_a_sentence(
    site, other_site, people, signed_in, query
):
    answer = signed_in(people.reviewer).get(f"{WORKLIST}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_filter"
    assert query.split("=")[0] in answer.json()["error"]["message"]


def test_a_closed_row_has_the_signed_opinion_beside_what_the_model_said(site, people, signed_in):
    client, spiral = signed_in(people.clinician), GivenOpinion("certain", classes=("spiral",))
    for given in (GivenOpinion("none", comment="Clear."), spiral, spiral):
        closed = make_case(site, people.clinician, top="oblique", received_at=timezone.now())
        review = sign(case=closed, reader=people.reviewer, given=given)
    corrected = correct(review=review, reader=people.reviewer, given=GivenOpinion("none"))
    open_case = make_case(site, people.clinician)
    rows = client.get("/api/v1/worklist?state=reviewed").json()["results"]
    said = [(row["signed"]["fracture"], row["signed"]["classes"]) for row in rows]
    assert said == [("none", []), ("certain", ["spiral"]), ("none", [])]
    assert rows[0]["signed"]["review"] == str(corrected.pk)
    assert rows[1]["signed"]["sentence"] == sentence(spiral)
    assert {row["predicted_class"] for row in rows} == {"oblique"}  # under its own name
    assert client.get("/api/v1/worklist").json()["results"][0]["signed"] is None
    for case, wanted in ((closed, "none"), (open_case, None)):
        body = client.get(f"/api/v1/cases/{case.pk}").json()
        assert (body["signed"] and body["signed"]["fracture"]) == wanted


def test_a_blind_case_is_unread_for_everybody_and_the_filter_says_so(site, people, signed_in):
    """It looks alike whatever the model says, until its final opinion is signed."""
    blind = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(blind, top="spiral", confidence=0.9)
    for person in (people.clinician, people.reviewer):
        client = signed_in(person)
        assert ids(client.get(f"{WORKLIST}?call=unread").json()) == [str(blind.pk)]
        assert ids(client.get(f"{WORKLIST}?call=positive").json()) == []
    (call,) = [parameter for parameter in PARAMETERS if parameter.name == "call"]
    assert "A case that is read blind is `unread`" in call.description


def test_hidden_output_shows_no_opinion(site, people, signed_in, settings):
    """One that agrees would reveal what the model said."""
    make_case(site, people.clinician, CaseState.REVIEWED)
    client = signed_in(people.reviewer)
    address = "/api/v1/worklist?state=reviewed"
    assert client.get(address).json()["results"][0]["signed"]["fracture"]
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    assert client.get(address).json()["results"][0]["signed"] is None
