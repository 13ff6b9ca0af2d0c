"""The cases that the caller sent, and reports, over REST."""

import pytest
from django.urls import reverse

from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def signed(case, people):
    sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    return case


def test_what_was_signed_is_new_until_it_was_seen(signed, people, signed_in):
    client = signed_in(people.clinician)
    (row,) = client.get(reverse("api_sent")).json()["results"]
    assert (row["case"], row["opinion"]) == (str(signed.pk), "Fracture, certain: spiral.")
    assert row["is_new"]
    new = client.get(reverse("api_sent_new")).json()
    assert new == {"results": [row], "has_more": False}
    for said in ({}, {"reviews": []}, {"reviews": ["x"]}, {"reviews": [row["review"]] * 51}):
        answer = client.post(reverse("api_sent_seen"), said, content_type="application/json")
        assert answer.status_code == 400
    seen = {"reviews": [row["review"]]}
    for _ in range(2):
        answer = client.post(reverse("api_sent_seen"), seen, content_type="application/json")
        assert answer.status_code == 204
    (row,) = client.get(reverse("api_sent")).json()["results"]
    assert not row["is_new"]
    assert client.get(reverse("api_sent_new")).json()["results"] == []
    assert client.get(reverse("api_sent"), {"before": "x"}).status_code == 400


def test_a_report_is_text_and_pdf(signed, people, signed_in):
    client = signed_in(people.clinician)
    report = client.get(reverse("api_case_report", args=[signed.pk])).json()
    assert report["opinion"] == "Fracture, certain: spiral."
    assert report["text"].startswith("SECOND OPINION\n")
    pdf = client.get(reverse("api_case_report_pdf", args=[signed.pk]))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")


def test_before_the_signature_there_is_none(case, people, signed_in):
    answer = signed_in(people.clinician).get(reverse("api_case_report", args=[case.pk]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_signed")
