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
    page = client.get(reverse("api_sent")).json()
    (row,) = page["results"]
    assert (row["case"], row["opinion"]) == (str(signed.pk), "Fracture, certain: spiral.")
    assert row["is_new"] and row["signed_at"] == page["newest_signed_at"]
    seen = {"until": page["newest_signed_at"]}
    for said in ({}, {"until": "2999-01-01T00:00:00Z"}):
        answer = client.post(reverse("api_sent_seen"), said, content_type="application/json")
        assert answer.status_code == 400
    client.post(reverse("api_sent_seen"), seen, content_type="application/json")
    (row,) = client.get(reverse("api_sent")).json()["results"]
    assert not row["is_new"]
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
