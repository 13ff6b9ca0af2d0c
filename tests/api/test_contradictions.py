"""A header's value that contradicts the form is told, and the sender's value counts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import pictures
from tests.api.test_cases import send
from tests.pages import flat
from triage.intake.contradictions import contradicted
from triage.intake.details import CaseDetails
from triage.models import Case

# The sender's field and value, the header's tag and value, and whether they contradict each other.
VALUES = [
    ("side", "L", "side", "R", True),
    ("side", "R", "side", "R", False),
    ("side", "B", "side", "R", False),
    ("side", "L", "side", "B", False),
    ("side", "L", "side", "U", False),
    ("side", "", "side", "R", False),
    ("age_band", "18-64", "patient_age", 9, True),
    ("age_band", "18-64", "patient_age", 65, True),
    ("age_band", "18-64", "patient_age", 64, False),
    ("age_band", "0-1", "patient_age", 0, False),
    ("age_band", "18-64", "patient_age", None, False),
    ("body_part", "WRIST", "body_part", "CHEST", True),
    ("body_part", "WRIST", "body_part", "Schädel", True),
    ("body_part", "WRIST", "body_part", "HAND", True),
    ("body_part", "WRIST", "body_part", "SCAPHOID", False),
    ("body_part", "WRIST", "body_part", "HAND WRIST", False),
    ("body_part", "WRIST", "body_part", "EXTREMITY", False),
    ("body_part", "FINGER", "body_part", "HAND", False),
    ("body_part", "PELVIS", "body_part", "HIP", False),
    ("body_part", "OTHER", "body_part", "CHEST", False),
    ("projection", "AP", "projection", "LATERAL", True),
    ("projection", "AP", "projection", "PA", True),
    ("projection", "PA", "projection", "FRONTAL", False),
    ("projection", "LL", "projection", "LAT", False),
    ("projection", "SEVERAL", "projection", "PA", False),
    ("projection", "PA", "projection", "NONSENSE", False),
    ("accession_number", "A-1", "accession_number", "A-2", True),
    ("accession_number", "a-１", "accession_number", " A-1", False),
    ("accession_number", "A-1", "accession_number", "", False),
]


@pytest.mark.parametrize(("field", "said", "tag", "header", "contradicts"), VALUES)
def test_a_header_contradicts_what_was_given(field, said, tag, header, contradicts):
    given = CaseDetails(**{field: said})
    assert contradicted(given, "", "", {tag: header}) == ([field] if contradicts else [])


def test_what_was_given_for_one_picture_counts_for_it():
    given, tags = CaseDetails(side="L", projection="PA"), {"side": "R", "projection": "LL"}
    assert contradicted(given, "", "", tags) == ["side", "projection"]
    assert contradicted(given, "R", "LL", tags) == []
    assert contradicted(CaseDetails(), "", "", {**tags, "patient_age": 3}) == []


@pytest.mark.usefixtures("storage")
def test_the_sender_and_the_reader_are_told(site, people, signed_in, client):
    header = {
        "ImageLaterality": "R",
        "BodyPartExamined": "CHEST",
        "PatientAge": "009Y",
        "AccessionNumber": "HEADER-1",
    }
    files = [
        SimpleUploadedFile(f"{n}.dcm", pictures.dicom(pictures.pixels(bits=12, seed=n), **tags))
        for n, tags in enumerate([{"ImageLaterality": "L"}, header], start=1)
    ]
    given = {"side": "L", "body_part": "WRIST", "age_band": "65+", "accession_number": "FORM-1"}
    answer = send(signed_in(people.clinician), site, *files, **given, several_studies="true").json()
    said = {told["field"]: told["images"] for told in answer["header_contradicts"]}
    assert said == {"accession_number": [2], "age_band": [1, 2], "body_part": [2], "side": [2]}
    assert {name: answer[name] for name in given} == given
    assert "Side: the DICOM header of 2.dcm says otherwise" in str(answer["header_contradicts"])
    assert [image["header_contradicts"] for image in answer["images"]] == [
        ["age_band"],
        ["accession_number", "age_band", "body_part", "side"],
    ]
    client.force_login(people.reviewer)
    page = flat(client.get(f"/cases/{answer['id']}/").content.decode())
    assert "Body part: the DICOM header of 2.dcm says otherwise" in page
    assert "accession number (HEADER-1); age; body part (CHEST)" in page


@pytest.mark.usefixtures("storage")
def test_the_page_without_scripts_tells_it_too(people, client):
    client.force_login(people.clinician)
    file = SimpleUploadedFile("wrist.dcm", pictures.dicom(ImageLaterality="R"))
    form = {"site": "north", "body_part": "WRIST", "side": "L", "images": [file]}
    page = flat(client.post("/cases/new/", form).content.decode())
    assert "Side: the DICOM header of wrist.dcm says otherwise. The sender" in page
    assert Case.objects.get().side == "L"
