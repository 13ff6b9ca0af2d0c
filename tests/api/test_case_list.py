"""The list of cases over REST: every state, newest first, a keyset page at a time."""

import pytest

from accounts.roles import Role
from tests.factories import make_case, make_membership
from triage.api import pagination
from triage.review.claims import claim
from triage.states import CLOSED_STATES, OPEN_STATES

pytestmark = pytest.mark.usefixtures("storage")
CASES = "/api/v1/cases"


def ids(body):
    return [case["id"] for case in body["results"]]


def test_pages_hold_every_case_once_newest_first(site, people, signed_in, monkeypatch):
    monkeypatch.setattr(pagination, "SIZE", 3)
    states = [*OPEN_STATES, *CLOSED_STATES] * 2
    made = [str(make_case(site, people.clinician, state).pk) for state in states[:8]]
    client = signed_in(people.reviewer)
    body = client.get(CASES).json()
    assert body["previous"] is None
    seen = [ids(body)]
    while body["next"]:
        body = client.get(body["next"]).json()
        seen.append(ids(body))
    assert [len(page) for page in seen] == [3, 3, 2]
    assert [each for page in seen for each in page] == made[::-1]
    back = [ids(body)]
    while body["previous"]:
        body = client.get(body["previous"]).json()
        back.insert(0, ids(body))
    assert back == seen


def test_a_list_costs_the_same_queries_however_long(
    site, other_site, people, signed_in, django_assert_max_num_queries
):
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    for number in range(5):  # as many as one reader may hold at once
        case = make_case(other_site if number % 2 else site, people.clinician, images=2)
        claim(case=case, reader=people.reviewer)
    client = signed_in(people.reviewer)
    for path, most in ((CASES, 6), ("/api/v1/worklist", 7)):
        with django_assert_max_num_queries(most):
            assert len(client.get(path).json()["results"]) == 5


def test_a_list_holds_no_case_of_strangers(people, signed_in, case):
    for person in (people.stranger, people.admin, people.staff):
        assert signed_in(person).get(CASES).json()["results"] == []


@pytest.mark.parametrize("cursor", ["x", "W10", "WzAsInQiXQ", "WzAsbnVsbF0"])
def test_a_damaged_cursor_is_400(people, signed_in, cursor):
    client = signed_in(people.reviewer)
    for path in (CASES, "/api/v1/worklist"):
        answer = client.get(f"{path}?cursor={cursor}")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_cursor"
