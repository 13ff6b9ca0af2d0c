"""Images, their files and predictions over REST."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.factories import make_image, make_release
from triage.models import Image, Prediction
from triage.vocabulary import FractureClass

WHICH = {
    "display": "image/jpeg",
    "thumbnail": "image/jpeg",
    "original": "image/png",
    "rendition": "application/octet-stream",
}


@pytest.fixture
def image(case):
    return case.first_image


def fetch(client, which, image, **headers):
    """The answer and its body; reading it to the end closes the file."""
    answer = client.get(reverse(f"api_image_{which}", args=[image.pk]), headers=headers)
    return answer, b"".join(answer)


def test_an_image_names_its_files_its_job_and_its_predictions(people, signed_in, image):
    body = signed_in(people.service).get(reverse("api_image", args=[image.pk])).json()
    assert body["case"] == str(image.case_id)
    assert (body["kind"], body["width"], body["height"], body["bits"]) == ("png", 96, 120, 8)
    assert body["sha256"] == image.sha256
    assert body["job"]["state"] == "done"
    assert body["job"]["failure"] == ""
    assert body["predictions"][0]["top_class"] == "oblique"
    assert "probabilities" not in body["predictions"][0]
    for which in WHICH:
        assert body[which].endswith(f"/api/v1/images/{image.pk}/{which}")


@pytest.mark.parametrize(("which", "kind"), WHICH.items())
def test_a_file_is_sent_as_what_it_is_and_only_to_this_person(
    people, signed_in, image, which, kind
):
    client = signed_in(people.reviewer)
    answer, body = fetch(client, which, image, Accept="image/avif")
    assert answer.status_code == 200
    with getattr(image, which).open() as stored:
        assert body == stored.read()
    assert answer["Content-Type"] == kind
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    known, body = fetch(client, which, image, **{"If-None-Match": answer["ETag"]})
    assert (known.status_code, body) == (304, b"")
    stranger = signed_in(people.stranger)
    assert fetch(stranger, which, image, **{"If-None-Match": answer["ETag"]})[0].status_code == 404


def test_each_file_of_an_image_has_an_etag_of_its_own(people, signed_in, image):
    client = signed_in(people.reviewer)
    assert len({fetch(client, which, image)[0]["ETag"] for which in WHICH}) == len(WHICH)


@pytest.mark.parametrize(
    "name",
    ['a"; filename="b.html', "wrist\r\nX-Evil: 1.png", "Handgelenk – Übersicht.png", "../../x.png"],
)
def test_an_original_is_saved_whatever_its_name_is(people, signed_in, case, name):
    image = make_image(case, 2, file_name=name)
    answer, _ = fetch(signed_in(people.reviewer), "original", image)
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "X-Evil" not in answer
    assert "\n" not in disposition
    assert 'filename="b.html"' not in disposition
    assert "../" not in disposition


def test_html_that_came_as_a_picture_is_never_shown_as_html(people, signed_in, case):
    stored = default_storage.save("x/original", ContentFile(b"<script>alert(1)</script>"))
    image = make_image(case, 2, original=stored, file_name="x.html", kind=Image.FileFormat.DICOM)
    answer, _ = fetch(signed_in(people.reviewer), "original", image)
    assert answer["Content-Type"] == "application/dicom"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")


def test_a_file_costs_few_queries(people, signed_in, image, django_assert_max_num_queries):
    client = signed_in(people.reviewer)
    with django_assert_max_num_queries(4):
        fetch(client, "thumbnail", image)


def test_a_prediction_holds_everything_the_release_said(people, signed_in, image):
    prediction = Prediction.objects.get(image=image)
    client = signed_in(people.reviewer)
    body = client.get(reverse("api_prediction", args=[prediction.pk])).json()
    assert set(body["probabilities"]) == set(FractureClass.values)
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    assert body["scores"] == prediction.scores
    assert (body["top_class"], body["confidence"]) == ("oblique", 0.62)
    assert body["rival_class"] != "oblique"
    assert body["prediction_set"] == prediction.prediction_set
    assert body["activation_map"] == prediction.activation_map
    assert body["release"]["sha256"] == prediction.release.sha256
    assert body["image"] == str(image.pk)


def test_the_releases_tell_their_figures_and_which_is_active(
    people, signed_in, django_assert_max_num_queries
):
    old, new = make_release(version="1"), make_release(version="2")
    client = signed_in(people.stranger)
    with django_assert_max_num_queries(3):
        listed = client.get(reverse("api_models")).json()["results"]
    assert [(each["id"], each["is_active"]) for each in listed] == [
        (str(new.pk), True),
        (str(old.pk), False),
    ]
    assert listed[0]["metrics"]["types"]["accuracy"] == {"value": 0.4, "interval": [0.36, 0.44]}
    assert "folder" not in listed[0]


def test_a_picture_that_lies_in_no_storage_is_an_error_in_the_shape(people, signed_in, case):
    image = make_image(case, 2)
    default_storage.delete(image.display.name)
    client = signed_in(people.reviewer)
    client.raise_request_exception = False
    answer, _ = fetch(client, "display", image)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server_error"
