"""Critical results over REST, and the caller's own notices."""

import pytest
from django.urls import reverse

from tests.factories import make_case, make_critical_result
from triage.models import CriticalResult
from triage.report.critical_results import notify_due
from triage.review.opinion import GivenOpinion
from triage.review.services import correct
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

JSON = {"content_type": "application/json"}


@pytest.fixture
def waiting(site, people):
    return make_critical_result(make_case(site, people.clinician, CaseState.REVIEWED))


def ids(client, which):
    found = client.get(reverse("api_critical_results"), {"which": which}).json()["results"]
    return [row["id"] for row in found]


def test_it_waits_until_somebody_took_note(waiting, people, signed_in):
    notify_due()
    sender, reader = signed_in(people.clinician), signed_in(people.reviewer)
    own = str(waiting.pk)
    assert (ids(sender, "mine"), ids(reader, "mine"), ids(reader, "waiting")) == ([own], [], [own])
    assert ids(signed_in(people.stranger), "waiting") == []
    address = reverse("api_critical_acknowledgement", args=[waiting.pk])
    read = {"review": str(waiting.review_id)}
    done = sender.post(address, {**read, "words": "Theatre informed"}, **JSON).json()
    assert done["acknowledged_by"]["name"] == "Clara Clinician"
    assert [notice["state"] for notice in done["notices"]] == ["waiting"]
    assert (ids(sender, "mine"), ids(reader, "acknowledged")) == ([], [own])
    again = sender.post(address, read, **JSON)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "acknowledged")
    assert sender.get(reverse("api_critical_results"), {"which": "all"}).status_code == 400


def test_the_same_request_again_is_the_same_acknowledgement(waiting, people, signed_in):
    client, key = signed_in(people.clinician), {"Idempotency-Key": "one"}
    address = reverse("api_critical_acknowledgement", args=[waiting.pk])
    read = {"review": str(waiting.review_id)}
    answers = [client.post(address, read, headers=key, **JSON) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert CriticalResult.objects.get().acknowledged_by == people.clinician


def test_a_caller_turns_their_own_mails_off(people, signed_in):
    client, address = signed_in(people.clinician), reverse("api_my_notices")
    assert client.get(address).json() == {"by_email": True}
    assert client.put(address, {"by_email": False}, **JSON).json() == {"by_email": False}
    assert client.get(address).json() == {"by_email": False}


def test_what_is_noted_is_the_opinion_that_the_caller_read(waiting, people, signed_in):
    client = signed_in(people.clinician)
    address = reverse("api_critical_acknowledgement", args=[waiting.pk])
    missing = client.post(address, {}, **JSON)
    assert (missing.status_code, list(missing.json()["error"]["fields"])) == (400, ["review"])
    first = waiting.review
    correct(review=first, reader=first.reader, given=GivenOpinion("none"))
    late = client.post(address, {"review": str(first.pk)}, **JSON)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "opinion_corrected")
    read = client.get(reverse("api_critical_result", args=[waiting.pk])).json()["review"]
    assert client.post(address, {"review": read}, **JSON).status_code == 200
