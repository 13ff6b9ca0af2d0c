"""Find over REST."""

import pytest

from tests.factories import make_case
from triage.states import CaseState
from triage.worklist import find as finding

pytestmark = pytest.mark.usefixtures("storage")
FIND = "/api/v1/worklist/find"


@pytest.fixture
def post(people, signed_in):
    client = signed_in(people.reviewer)
    return lambda body, path=FIND: client.post(path, body, content_type="application/json")


def test_a_closed_case_is_found_with_what_matched(site, people, post):
    case = make_case(site, people.clinician, CaseState.WITHDRAWN, accession_number="ÄB-1")
    body = post({"text": "äb-１"}).json()
    assert [(hit["id"], hit["state"], hit["matched"]) for hit in body["results"]] == [
        (str(case.pk), "withdrawn", ["accession_number"])
    ]
    assert (body["next"], body["too_many"]) == (None, False)


def test_the_next_page_is_asked_for_by_the_cursor(site, people, post, monkeypatch):
    monkeypatch.setattr(finding.find, "__defaults__", ("", 2))
    made = [str(make_case(site, people.clinician, accession_number="SAME").pk) for _ in range(3)]
    first = post({"text": "same"}).json()
    second = post({"text": "same", "cursor": first["next"]}).json()
    seen = [hit["id"] for hit in (*first["results"], *second["results"])]
    assert seen == made[::-1]
    assert second["next"] is None


@pytest.mark.parametrize(
    "body",
    [
        *(
            {},
            {"text": ""},
            {"text": "\0"},
            {"text": "\ud800"},
            {"text": "x" * 121},
            {"text": ["a"]},
        ),
        *({"text": "a", "cursor": "x"}, {"text": "a", "page": 2}, {"text": "a", "cursor": None}),
    ],
)
def test_what_can_not_be_meant_is_400_in_a_sentence(post, body):
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_it_is_no_link(people, signed_in):
    assert signed_in(people.reviewer).get(FIND + "?text=A").status_code == 405
