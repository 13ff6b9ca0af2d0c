"""What no model reads, over REST: the code, the sentence, and the list of what is unread."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from classifier.indications import OUTSIDE
from tests.api.test_cases import send
from tests.factories import make_case, make_release, usable_release
from tests.pictures import dicom
from triage.inference.worker.batch import work_until_empty
from triage.models import Case, Job

pytestmark = pytest.mark.usefixtures("storage")


def test_an_excluded_case_says_so_with_its_reason(site, people, signed_in):
    usable_release()
    film = SimpleUploadedFile("film.dcm", dicom(BodyPartExamined="CHEST PA", ViewPosition="PA"))
    client = signed_in(people.service)
    sent = send(client, site, film, body_part=None)
    assert sent.status_code == 201, sent.content
    assert (sent.json()["body_part"], sent.json()["code"]) == ("CHEST", None)
    case = Case.objects.get()
    assert {"body_part", "projection"} <= set(case.from_header)
    assert case.images.get().view_position == "PA"

    work_until_empty()

    body = client.get(reverse("api_case", args=[case.pk])).json()
    said = (body["state"], body["finding"], body["code"], body["prediction"])
    assert said == ("predicted", "unread", OUTSIDE, None)
    (image,) = body["images"]
    assert (image["code"], image["job"]["state"], image["job"]["failure"]) == (
        OUTSIDE,
        "excluded",
        "",
    )
    assert (image["reason_code"], Job.objects.get().reason) == ("chest", "chest")
    assert image["reason"] == Job.objects.get().reason_to_show
    assert "chest" in image["reason"]
    assert image["predictions"] == []
    reader = signed_in(people.reviewer)
    listed = reader.get("/api/v1/worklist", {"finding": "unread"}).json()["results"]
    assert [(row["id"], row["code"]) for row in listed] == [(str(case.pk), OUTSIDE)]


def test_the_senders_word_stands_before_the_headers(site, people, signed_in):
    usable_release()
    film = SimpleUploadedFile("film.dcm", dicom(BodyPartExamined="CHEST"))
    assert send(signed_in(people.service), site, film, body_part="HAND").status_code == 201
    case = Case.objects.get()
    assert "body_part" not in case.from_header
    work_until_empty()
    assert Job.objects.get().state == "done"
    case.refresh_from_db()
    assert case.unread_code == ""


def test_a_prediction_names_what_was_not_measured(site, people, signed_in):
    case = make_case(
        site,
        people.clinician,
        finding={"indication": "not_measured", "not_measured_for": ["child", "shoulder"]},
    )
    body = signed_in(people.reviewer).get(reverse("api_case", args=[case.pk])).json()
    (image,) = body["images"]
    assert (body["code"], image["code"], image["reason"]) == (None, None, "")
    (prediction,) = image["predictions"]
    assert prediction["indication"] == "not_measured"
    assert prediction["not_measured_for"] == ["child", "shoulder"]


def test_an_older_prediction_of_an_excluded_image_is_still_returned(
    site, people, signed_in, storage
):
    """Another release excludes it now; what was said stays said, and the image is not unread."""
    case = make_case(site, people.clinician)
    image = case.first_image
    release = make_release(active=False)
    Job.objects.create(
        image=image, release=release, priority=2, state="excluded", reason="Not for wrists."
    )
    body = signed_in(people.reviewer).get(reverse("api_image", args=[image.pk])).json()
    assert (body["code"], body["reason"], len(body["predictions"])) == (None, "", 1)
    assert body["reason_code"] == ""
