"""Next over REST: the case that it claims, and what it answers where there is none."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_case
from triage.models import Reading

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def cases(site, people):
    now = timezone.now()
    return [
        make_case(site, people.clinician, due_at=now + timedelta(hours=hours)) for hours in (1, 2)
    ]


def ask(client, view="", key="", **body):
    headers = {"Idempotency-Key": key} if key else {}
    address = f"{reverse('api_next')}?{view}"
    return client.post(address, body, content_type="application/json", headers=headers)


def test_each_reader_gets_another_case(people, signed_in, cases):
    one, other = signed_in(people.reviewer), signed_in(people.clinician2)
    answers = [ask(one), ask(other)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["id"] for answer in answers] == [str(case.pk) for case in cases]
    assert answers[0].json()["claim"]["holder"]["id"] == str(people.reviewer.pk)
    assert ask(one).status_code == 204
    assert ask(one, "mine=1").json()["id"] == str(cases[0].pk)


def test_filters_are_those_of_the_worklist(people, signed_in, cases):
    client = signed_in(people.reviewer)
    assert ask(client, "priority=stat").status_code == 204
    assert ask(client, "order=desc").json()["id"] == str(cases[1].pk)
    refused = ask(client, "sort=none")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_filter")
    assert ask(client, case="x").status_code == 400


def test_the_same_request_again_takes_nothing_more(people, signed_in, cases):
    client = signed_in(people.reviewer)
    first, again = ask(client, key="k1"), ask(client, key="k1")
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Reading.objects.count() == 1
    assert ask(client, "order=desc", key="k1").status_code == 422


def test_one_too_many_is_a_conflict(people, signed_in, cases, settings):
    settings.CALLUS_CLAIMS_PER_READER = 1
    client = signed_in(people.reviewer)
    ask(client)
    refused = ask(client)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_claims")


def test_candidates_are_told_and_not_claimed(people, signed_in, cases):
    client = signed_in(people.reviewer)
    answer = client.get(reverse("api_next"))
    assert [case["id"] for case in answer.json()["results"]] == [str(case.pk) for case in cases]
    assert client.get(reverse("api_next"), {"priority": "stat"}).json() == {"results": []}
    assert not Reading.objects.exists()


def test_a_skipped_case_is_left_out(people, signed_in, cases):
    client = signed_in(people.reviewer)
    address = reverse("api_case_skip", args=[cases[0].pk])
    answer = client.post(address, {"reason": "Hard"}, content_type="application/json")
    assert (answer.status_code, answer.json()["id"]) == (200, str(cases[0].pk))
    assert ask(client).json()["id"] == str(cases[1].pk)


def test_what_one_signed_last_is_listed(people, signed_in, cases):
    client = signed_in(people.reviewer)
    for case in cases:
        address = reverse("api_case_reviews", args=[case.pk])
        client.post(address, {"opinion": "no_fracture"}, content_type="application/json")
    results = client.get(reverse("api_previous")).json()["results"]
    assert [row["case"] for row in results] == [str(case.pk) for case in reversed(cases)]
    assert set(results[0]) == {"case", "review", "signed_at"}
    assert signed_in(people.clinician2).get(reverse("api_previous")).json() == {"results": []}
