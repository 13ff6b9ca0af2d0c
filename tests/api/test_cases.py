"""A case over REST: sent whole or not at all, listed by keyset, read with all that is known of it."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.api.conftest import BASE, png
from tests.factories import make_case, make_image, make_release, picture_bytes, taken_cases
from tests.pictures import dicom
from triage.models import Case, Image
from triage.review.claims import claim
from triage.states import CLOSED_STATES, OPEN_STATES, CaseState
from triage.vocabulary import AgeBand, BodyPart, Priority, Projection, Source

pytestmark = pytest.mark.usefixtures("storage")
CASES = "/api/v1/cases"


def send(client, site, /, *files, **fields):
    body = {"site": site.slug, "body_part": "WRIST", "images": list(files), **fields}
    return client.post(CASES, {name: value for name, value in body.items() if value is not None})


def test_a_case_is_taken_with_everything_it_says(site, people, signed_in):
    make_release()
    fields = {
        "accession_number": "ACC-1",
        "patient_reference": "P-1",
        "age_band": "2-11",
        "sex": "F",
        "side": "L",
        "projection": "AP",
        "clinical_question": "Fell off a horse. Scaphoid?",
        "priority": "urgent",
        "site": str(site.pk),
    }
    answer = send(signed_in(people.clinician), site, png(), png("two.png", 1), **fields)
    assert answer.status_code == 201
    body = answer.json()
    assert answer["Location"].endswith(f"{CASES}/{body['id']}")
    assert {name: body[name] for name in fields if name != "site"} == {
        **{name: value for name, value in fields.items() if name != "site"}
    }
    assert body["site"] == {"id": str(site.pk), "slug": site.slug, "name": site.name}
    assert (body["state"], body["predicted_class"], body["confidence"]) == ("received", None, None)
    assert [image["file_name"] for image in body["images"]] == ["wrist.png", "two.png"]
    assert [image["job"]["state"] for image in body["images"]] == ["queued", "queued"]
    assert (body["claim"], body["reviews"], body["duplicates"]) == (None, [], [])
    stored = Case.objects.get(pk=body["id"])
    assert (stored.sender, stored.source) == (people.clinician, Source.API)
    assert (stored.priority, stored.is_synthetic) == (Priority.URGENT, False)
    with stored.first_image.original.open() as file:
        assert file.read() == picture_bytes(0)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("accession_number", ("ACC-1", "ACC-2")),
        ("patient_reference", ("P-1", "")),
        ("priority", ("stat", "routine")),
        ("site", ("north", "another")),
        ("several_studies", ("false", "true")),
    ],
)
def test_a_field_of_two_values_is_named(site, people, signed_in, field, values):
    answer = send(signed_in(people.clinician), site, png(), **{field: list(values)})
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not taken_cases().exists()


def test_a_field_that_says_the_same_twice_is_taken(site, people, signed_in):
    answer = send(signed_in(people.clinician), site, png(), accession_number=["ACC-1", "ACC-1"])
    assert answer.json()["accession_number"] == "ACC-1"


def test_a_case_from_the_upload_page_says_so_and_may_leave_fields_empty(site, people):
    client = Client()
    client.force_login(people.clinician)
    empty = {"sex": "", "accession_number": "", "priority": "", "csrfmiddlewaretoken": "x"}
    answer = send(client, site, png(), **empty)
    assert answer.status_code == 201, answer.content
    assert Case.objects.get().source == Source.WEB
    assert answer.json()["priority"] == "routine"


def test_dicom_tags_say_the_body_part(site, people, signed_in):
    tags = {"BodyPartExamined": "HAND", "PatientSex": "M"}
    file = SimpleUploadedFile("hand.dcm", dicom(**tags), "application/dicom")
    answer = send(signed_in(people.service), site, file, body_part=None)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["body_part"], answer.json()["sex"]) == ("HAND", "M")


def test_each_refused_file_is_named_and_nothing_is_stored(site, people, signed_in, storage):
    text = SimpleUploadedFile("letter.png", b"Dear colleague")
    empty = SimpleUploadedFile("empty.png", b"")
    answer = send(signed_in(people.clinician), site, png(), text, empty)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "intake_refused"
    assert "2 of 3" in error["message"]
    assert {each["file"]: each["code"] for each in error["files"]} == {
        "letter.png": "not_an_image",
        "empty.png": "empty",
    }
    assert all(each["file"] in each["reason"] for each in error["files"])
    assert not taken_cases().exists()
    assert not [path for path in storage.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"body_part": None}, "body_part"),
        ({"body_part": "SPLEEN"}, "body_part"),
        ({"site": "elsewhere"}, "site"),
        ({"site": "south"}, "site"),
        ({"priority": "0"}, "priority"),
        ({"priority": "soon"}, "priority"),
        ({"accession_number": "x" * 65}, "accession_number"),
        ({"clinical_question": "a\x00b"}, "clinical_question"),
        ({"accesion_number": "A1"}, "accesion_number"),
        ({"images": None}, "images"),
        ({"images": "text"}, "images"),
        ({"extra": png()}, "extra"),
    ],
)
def test_a_field_that_can_not_be_meant_is_named(site, other_site, people, signed_in, fields, named):
    answer = send(signed_in(people.clinician), site, png(), **fields)
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {named}
    assert not taken_cases().exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body_part": "BANANA"}, BodyPart.values),
        ({"projection": "BANANA"}, Projection.values),
        ({"age_band": "BANANA"}, AgeBand.values),
        ({"priority": "BANANA"}, ["stat", "urgent", "routine"]),
    ],
)
def test_a_word_that_is_not_known_is_answered_with_those_that_are(
    site, people, signed_in, fields, words
):
    answer = send(signed_in(people.clinician), site, png(), **fields)
    ((sentence,),) = answer.json()["error"]["fields"].values()
    assert sentence == f'"BANANA" is not a valid choice. Use one of: {", ".join(words)}.'


def test_every_state_is_returned(site, people, signed_in):
    client = signed_in(people.reviewer)
    states = (*OPEN_STATES, *CLOSED_STATES)
    cases = {state: make_case(site, people.clinician, state) for state in states}
    claim(case=cases[CaseState.PREDICTED], reader=people.reviewer)
    bodies = {state: client.get(f"{CASES}/{case.pk}").json() for state, case in cases.items()}
    assert {state: body["state"] for state, body in bodies.items()} == {
        state: state.value for state in states
    }
    predicted = bodies[CaseState.PREDICTED]
    assert (predicted["predicted_class"], predicted["confidence"]) == ("oblique", 0.62)
    assert predicted["claim"]["holder"] == {
        "id": str(people.reviewer.pk),
        "name": "Rita Reviewer",
    }
    (prediction,) = predicted["images"][0]["predictions"]
    assert predicted["prediction"] == prediction["id"]
    assert set(prediction["release"]) == {"id", "name", "version", "sha256"}
    failed = bodies[CaseState.FAILED]["images"][0]["job"]
    assert failed["state"] == "failed"
    assert failed["failure"] == "The model could not read this picture."
    assert failed["failure_code"] == "not_classified"
    assert bodies[CaseState.REVIEWED]["reviews"][0]["opinion"] == "agree"
    assert bodies[CaseState.WITHDRAWN]["withdrawn_reason"] == "Wrong patient"
    assert bodies[CaseState.WITHDRAWN]["withdrawn_by"]["name"] == "Clara Clinician"
    due = datetime.fromisoformat(bodies[CaseState.RECEIVED]["due_at"])
    assert due == cases[CaseState.RECEIVED].due_at


def test_a_claim_that_ran_out_is_none(people, signed_in, case, settings):
    settings.CALLUS_CLAIM_SECONDS = -1
    claim(case=case, reader=people.reviewer)
    assert signed_in(people.clinician).get(f"{CASES}/{case.pk}").json()["claim"] is None


def test_a_case_costs_the_same_queries_however_many_images(
    site, people, signed_in, django_assert_max_num_queries
):
    client = signed_in(people.reviewer)
    case = make_case(site, people.clinician, CaseState.REVIEWED, images=8)
    claimless = make_case(site, people.clinician, images=1)
    for each in (case, claimless):
        with django_assert_max_num_queries(14):
            assert client.get(f"{CASES}/{each.pk}").status_code == 200


def test_an_image_without_a_job_waits_for_a_release(people, signed_in, case):
    image = make_image(case, 2)
    body = signed_in(people.reviewer).get(reverse("api_image", args=[image.pk])).json()
    assert (body["job"], body["predictions"]) == (None, [])
    assert Image.objects.filter(case=case).count() == 2


@pytest.mark.parametrize(
    ("said", "call", "word"),
    [
        ({"call": "positive"}, "positive", "positive"),
        ({"call": "negative"}, "negative", "negative"),
        ({"assessable": False, "reason": "A chest film."}, "not_assessable", "refused"),
    ],
)
def test_the_call_is_returned_by_its_name_and_by_the_first_clients_word(
    site, people, storage, signed_in, said, call, word
):
    case = make_case(site, people.clinician, finding=said)
    body = signed_in(people.reviewer).get(f"{BASE}/cases/{case.pk}").json()
    assert (body["call"], body["finding"]) == (call, word)
    (prediction,) = body["images"][0]["predictions"]
    assert prediction["finding"] == word
