"""What a box lets in is taken. A browser counts a line break once, and sends it as two characters."""

import re
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_case, picture_bytes
from triage.models import Case, Review
from triage.models.case import LONGEST_REASON
from triage.models.interim_opinion import LONGEST_NOTE
from triage.models.keys import LONGEST_KEY
from triage.models.review import LONGEST_COMMENT
from triage.models.review_rules import LONGEST_OTHER_FINDING
from triage.models.saved_view import LONGEST_NAME
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

LONGEST = {
    "clinical_question": 2000,
    "accession_number": 64,
    "patient_reference": 64,
    "comment": LONGEST_COMMENT,
    "other_finding": LONGEST_OTHER_FINDING,
    "reason": LONGEST_REASON,
    "interim_note": LONGEST_NOTE,
    "text": LONGEST_KEY,
    "name": LONGEST_NAME,
}


def lines(length):
    """(what a browser's box counts as ``length`` characters, what the browser sends)."""
    shown = ("Fell on the hand.\n" * length)[: length - 1] + "!"
    return shown, shown.replace("\n", "\r\n")


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def sent(client, **fields):
    """The answer to one case that the API is sent."""
    files = {"images": SimpleUploadedFile("wrist.png", picture_bytes())}
    form = {"site": "north", "body_part": "WRIST", **fields, **files}
    return client.post("/api/v1/cases", form)


def test_every_box_lets_in_what_is_taken(site, people, client):
    case = make_case(site, people.clinician)
    boxes = {}
    for person, address in (
        (people.clinician, "/cases/new/"),
        (people.reviewer, f"/cases/{case.pk}/"),
        (people.reviewer, "/"),
    ):
        client.force_login(person)
        page = client.get(address).content.decode()
        for box in re.findall(r"<(?:input|textarea)[^>]*maxlength[^>]*>", page):
            name, most = re.search(r'name="(\w+)"', box), re.search(r'maxlength="(\d+)"', box)
            boxes[name[1]] = int(most[1])
    assert boxes == LONGEST


def test_a_full_clinical_question_is_taken_by_page_and_api(people, client):
    shown, typed = lines(LONGEST["clinical_question"])
    client.force_login(people.clinician)
    form = {"site": "north", "body_part": "WRIST", "priority": "urgent", "clinical_question": typed}
    file = SimpleUploadedFile("wrist.png", picture_bytes())
    assert client.post("/cases/new/", {**form, "images": [file]}).status_code == 200
    assert sent(client, clinical_question=typed).status_code == 201
    assert {case.clinical_question for case in Case.objects.all()} == {shown}
    assert sent(client, clinical_question=f"{typed}!").status_code == 400


def test_a_full_comment_is_signed_and_corrected(site, people, reader):
    case = make_case(site, people.clinician)
    shown, typed = lines(LONGEST_COMMENT)
    address = f"/cases/{case.pk}/review/"
    assert reader.post(address, {"fracture": "none", "comment": f"{typed}!"}).status_code == 400
    assert reader.post(address, {"fracture": "none", "comment": typed}).status_code == 302
    review = Review.objects.get()
    corrected = {"fracture": "not_assessable", "comment": typed}
    reader.post(f"/cases/{case.pk}/reviews/{review.pk}/correct/", corrected)
    assert list(Review.objects.values_list("comment", flat=True)) == [shown, shown]


@pytest.mark.parametrize("by", ["page", "api"])
def test_a_full_reason_withdraws(site, people, reader, by):
    case = make_case(site, people.clinician)
    shown, typed = lines(LONGEST_REASON)
    if by == "page":
        reader.post(f"/cases/{case.pk}/withdraw/", {"reason": typed})
    else:
        body = {"reason": typed}
        reader.post(f"/api/v1/cases/{case.pk}/withdraw", body, "application/json")
    case.refresh_from_db()
    assert (case.state, case.withdrawn_reason) == (CaseState.WITHDRAWN, shown)


def test_decomposed_letters_count_once_and_are_found(people, client):
    name = "Ä" * 64
    client.force_login(people.clinician)
    typed = unicodedata.normalize("NFD", name)
    assert sent(client, accession_number=typed).status_code == 201
    assert Case.objects.get().accession_number == name
    found = client.post("/api/v1/worklist/find", {"text": typed}, "application/json")
    assert [case["accession_number"] for case in found.json()["results"]] == [name]
