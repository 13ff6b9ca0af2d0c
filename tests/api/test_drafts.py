"""Drafts over REST: one's own, and nobody else's."""

import pytest
from django.urls import reverse

from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")


def put(client, case, **body):
    address = reverse("api_case_draft", args=[case.pk])
    return client.put(address, body, content_type="application/json")


def test_a_draft_is_saved_found_replaced_and_discarded(people, signed_in, case):
    client = signed_in(people.reviewer)
    first = put(client, case, content={"comment": "Clear.", "fracture": ""}).json()
    assert (first["case"], first["content"]) == (str(case.pk), {"comment": "Clear."})
    address = reverse("api_case_draft", args=[case.pk])
    assert client.get(address).json() == first
    assert client.get(reverse("api_drafts")).json() == {"results": [first]}

    refused = put(client, case, content={"comment": "Other."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "draft_newer")
    second = put(client, case, content={"comment": "Other."}, version=first["version"]).json()
    assert second["version"] != first["version"]
    assert put(client, case, content={}, version=second["version"]).status_code == 204
    assert client.get(address).status_code == 404
    put(client, case, content={"comment": "Again."})
    assert client.delete(address).status_code == 204
    assert client.get(reverse("api_drafts")).json() == {"results": []}


def test_nobody_gets_anothers(people, signed_in, case):
    put(signed_in(people.reviewer), case, content={"comment": "Only mine."})
    for who in ("clinician2", "clinician", "admin", "staff", "service"):
        client = signed_in(getattr(people, who))
        assert client.get(reverse("api_case_draft", args=[case.pk])).status_code == 404
        assert client.get(reverse("api_drafts")).json() == {"results": []}
        detail = client.get(reverse("api_case", args=[case.pk]))
        assert b"Only mine." not in detail.content


def test_an_unknown_field_is_named(people, signed_in, case):
    answer = put(signed_in(people.reviewer), case, content={"patient": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_draft")


def test_a_draft_of_a_correction_is_one_of_its_own(people, signed_in, case):
    client = signed_in(people.reviewer)
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    address = reverse("api_case_draft", args=[case.pk]) + f"?corrects={review.pk}"
    body = {"content": {"fracture": "possible"}}
    saved = client.put(address, body, content_type="application/json").json()
    assert (saved["corrects"], saved["content"]) == (str(review.pk), body["content"])
    assert client.get(address).json() == saved
    assert client.get(reverse("api_case_draft", args=[case.pk])).status_code == 404
    assert client.get(reverse("api_drafts")).json() == {"results": [saved]}
    other = signed_in(people.clinician2)
    for method in ("get", "put", "delete"):
        answer = getattr(other, method)(address, {}, content_type="application/json")
        assert answer.status_code == 404
    client = signed_in(people.reviewer)
    assert client.get(address.replace(str(review.pk), "x")).status_code == 400
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
