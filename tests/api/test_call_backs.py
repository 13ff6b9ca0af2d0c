"""The call-back loop over REST, from the interim opinion to the outcome."""

import pytest
from django.urls import reverse

from triage.models import CallBack, CallBackAttempt, InterimOpinion
from triage.report.call_back_notices import notify_of_call_backs

pytestmark = pytest.mark.usefixtures("storage")

JSON = {"content_type": "application/json"}
SAID = {"interim_fracture": "none", "treated_as": "soft_tissue"}


@pytest.fixture
def by(people, signed_in):
    """``by("reviewer").post(name, key, body)``."""

    class Caller:
        def __init__(self, who):
            self.client = signed_in(getattr(people, who))

        def get(self, name, *key, **query):
            return self.client.get(reverse(name, args=key), query)

        def post(self, name, *key, headers=None, **body):
            return self.client.post(reverse(name, args=key), body, headers=headers, **JSON)

    return Caller


@pytest.fixture
def missed(by, case):
    """The id of the call-back of a fracture that was missed."""
    by("clinician").post("api_case_interim_opinions", case.pk, **SAID)
    signed = {"opinion": "other_class", "classes": ["spiral"]}
    assert by("reviewer").post("api_case_reviews", case.pk, **signed).status_code == 201
    (row,) = by("clinician").get("api_call_backs").json()["results"]
    return row["id"]


def read(call_back_id):
    """What the caller has read."""
    return {"review": str(CallBack.objects.get(pk=call_back_id).review_id)}


def test_an_interim_opinion_is_recorded_and_shown(by, case, people):
    made = by("clinician").post("api_case_interim_opinions", case.pk, **SAID, note="Bandage.")
    assert made.status_code == 201
    assert made.json()["author"] == {"id": str(people.clinician.pk), "name": "Clara Clinician"}
    shown = by("reviewer").get("api_case_interim_opinions", case.pk).json()["results"]
    assert shown == [made.json()]


def test_the_same_request_again_records_nothing(by, case):
    key = {"Idempotency-Key": "one"}
    sender = by("clinician")
    first = sender.post("api_case_interim_opinions", case.pk, headers=key, **SAID)
    sender.post("api_case_interim_opinions", case.pk, **{**SAID, "treated_as": "fracture"})
    again = sender.post("api_case_interim_opinions", case.pk, headers=key, **SAID)
    assert again.json() == first.json()
    assert InterimOpinion.objects.count() == 2


def test_who_reads_blind_gets_none_of_it(by, missed, case, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    assert by("reviewer").get("api_case_interim_opinions", case.pk).json() == {"results": []}
    assert by("reviewer").get("api_call_back", missed).json()["reason"] is None


def test_the_loop_from_the_signature_to_the_outcome(by, missed, case):
    row = by("clinician").get("api_call_back", missed).json()
    assert (row["reason"], row["owner"]["name"]) == ("fracture_missed", "Clara Clinician")
    assert (row["case"], row["outcome"], row["attempts"]) == (str(case.pk), None, [])
    tried = by("clinician").post("api_call_back_attempts", missed, outcome="message_left")
    assert tried.status_code == 201
    ended = by("clinician").post(
        "api_call_back_closing", missed, outcome="informed", words="Ok", **read(missed)
    )
    assert ended.status_code == 200
    assert (ended.json()["outcome"], ended.json()["attempts"]) == ("informed", [tried.json()])
    again = by("clinician").post(
        "api_call_back_closing", missed, outcome="informed", **read(missed)
    )
    assert (again.status_code, again.json()["error"]["code"]) == (409, "call_back_closed")


def test_an_attempt_that_is_sent_twice_is_one(by, missed):
    key = {"Idempotency-Key": "one"}
    for _ in range(2):
        by("clinician").post("api_call_back_attempts", missed, headers=key, outcome="reached")
    assert CallBackAttempt.objects.count() == 1


def test_each_list_has_its_own(by, missed):
    def ids(who, which):
        found = by(who).get("api_call_backs", which=which).json()["results"]
        return [row["id"] for row in found]

    assert (ids("clinician", "mine"), ids("reviewer", "mine")) == ([missed], [])
    assert (ids("reviewer", "open"), ids("stranger", "open")) == ([missed], [])
    by("clinician").post("api_call_back_closing", missed, outcome="comes_back", **read(missed))
    assert (ids("reviewer", "open"), ids("reviewer", "closed")) == ([], [missed])
    assert by("reviewer").get("api_call_backs", which="all").status_code == 400
    assert by("reviewer").get("api_call_backs", state="open").status_code == 400


def test_each_mail_about_it_is_shown(by, missed):
    notify_of_call_backs()
    row = by("reviewer").get("api_call_back", missed).json()
    assert [(told["person"]["name"], told["state"]) for told in row["notices"]] == [
        ("Clara Clinician", "waiting")
    ]


def test_who_recorded_what_counts_leaves_the_opinion_to_somebody_else(by, case):
    by("clinician2").post("api_case_interim_opinions", case.pk, **SAID)
    for name, body in (("api_case_claim", {}), ("api_case_reviews", {"fracture": "none"})):
        answer = by("clinician2").post(name, case.pk, **body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "own_interim")
    assert by("clinician2").post("api_next").status_code == 204
