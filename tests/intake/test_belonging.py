"""The files of one case are of one patient, and nobody learns from it who the patient is."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from accounts.models import AuditEntry
from tests.factories import (
    incoming,
    picture_bytes,
    receive_case,
    stored_files,
    taken_cases,
)
from tests.pictures import dicom, pixels
from triage.intake.details import CaseDetails
from triage.intake.errors import IntakeRefused
from triage.intake.sandbox import Sandbox
from triage.vocabulary import BodyPart, Sex, Source

pytestmark = pytest.mark.usefixtures("storage")
SAME = {
    "PatientID": "SECRET-1",
    "IssuerOfPatientID": "SECRET-HOSPITAL",
    "PatientBirthDate": "19610203",
    "PatientSex": "F",
    "PatientAge": "064Y",
    "StudyInstanceUID": "1.2.840.99.1",
    "AccessionNumber": "SECRET-ACC-1",
}
OF_A_PATIENT = {
    "PatientID": "SECRET-2",
    "IssuerOfPatientID": "SECRET-CLINIC",
    "PatientBirthDate": "19610204",
    "PatientSex": "M",
}
OF_A_STUDY = {
    "StudyInstanceUID": "1.2.840.99.2",
    "AccessionNumber": "SECRET-ACC-2",
    "PatientAge": "009Y",
}
NAMES = {
    "PatientID": "Patient ID",
    "IssuerOfPatientID": "Issuer of Patient ID",
    "PatientBirthDate": "Patient's Birth Date",
    "PatientSex": "Patient's Sex",
    "StudyInstanceUID": "Study Instance UID",
    "AccessionNumber": "Accession Number",
    "PatientAge": "Patient's Age",
}


def xray(seed: int, **tags: object) -> bytes:
    return dicom(pixels(bits=12, seed=seed), **{**SAME, **tags})


def send(people, site, *files: bytes, details=None, **options):
    arrived = [incoming(f"{number}", data) for number, data in enumerate(files, 1)]
    return receive_case(
        sender=people.clinician,
        site=site,
        files=arrived,
        details=details or CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
        **options,
    )


@pytest.mark.parametrize("tag", OF_A_PATIENT)
def test_files_of_two_patients_are_refused_by_the_name_of_the_tag(site, people, storage, tag):
    other = xray(3, **{tag: OF_A_PATIENT[tag]})
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, xray(1), xray(2), other, several_studies=True)
    assert refused.value.code == "patients_differ"
    assert f"What differs: {NAMES[tag]}." in refused.value.message
    (file,) = refused.value.files
    assert (file.file_name, file.code) == ("3", "patient_differs")
    assert not taken_cases().exists()
    assert stored_files(storage) == []


@pytest.mark.parametrize("tag", OF_A_STUDY)
def test_files_of_two_studies_are_one_case_only_if_the_sender_says_so(site, people, tag):
    files = (xray(1), xray(2, **{tag: OF_A_STUDY[tag]}))
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, *files)
    assert refused.value.code == "several_studies"
    assert NAMES[tag] in refused.value.message
    assert not taken_cases().exists()
    case = send(people, site, *files, several_studies=True).case
    assert case.images.count() == 2
    entry = AuditEntry.objects.get(verb="case.received")
    assert entry.detail["several_studies"] == [tag]


def test_an_ordinary_case_says_nothing_of_studies(site, people):
    send(people, site, xray(1), xray(2), several_studies=True)
    assert "several_studies" not in AuditEntry.objects.get(verb="case.received").detail


def test_a_tag_that_lacks_is_no_difference(site, people):
    """How values are compared: tests/classifier/test_dicom_identity.py."""
    empty = xray(2, **dict.fromkeys(SAME, ""))
    padded = xray(3, PatientID="secret-1 ", StudyInstanceUID="1.2.840.99.1")
    files = (xray(1), empty, padded, xray(4, **dict.fromkeys(SAME)))
    assert send(people, site, *files).case.images.count() == 4


def test_a_file_without_the_tag_hides_no_other(site, people):
    """The first has no Patient ID, the second and third have two."""
    files = (xray(1, PatientID=None), xray(2), xray(3, PatientID="SECRET-2"))
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, *files)
    assert [file.file_name for file in refused.value.files] == ["3"]


def test_a_photograph_beside_says_nothing(site, people):
    assert send(people, site, xray(1), picture_bytes()).case.images.count() == 2


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize("written", ["F", "f ", "Female"])
def test_a_sex_that_contradicts_the_header_is_refused(site, people, written):
    details = CaseDetails(body_part=BodyPart.WRIST, sex=Sex.MALE)
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, xray(1, PatientSex=written), details=details)
    assert refused.value.files[0].code == "sex_differs"
    female = CaseDetails(body_part=BodyPart.WRIST, sex=Sex.FEMALE)
    assert send(people, site, xray(1), details=female).case.sex == Sex.FEMALE
    assert send(people, site, xray(2, PatientSex=None), details=details).case.sex == Sex.MALE


def test_no_value_is_returned_logged_or_kept(site, people, caplog, storage):
    values = [*SAME.values(), *OF_A_PATIENT.values(), *OF_A_STUDY.values()]
    secret = [value for value in values if len(value) > 3 and value != SAME["AccessionNumber"]]
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(IntakeRefused) as patients:
            send(people, site, xray(1), xray(2, **OF_A_PATIENT))
        with pytest.raises(IntakeRefused) as studies:
            send(people, site, xray(1), xray(2, **OF_A_STUDY))
        case = send(people, site, xray(1), xray(2, **OF_A_STUDY), several_studies=True).case
    case.refresh_from_db()
    kept = {name: value for name, value in vars(case).items() if name != "_state"}
    details = list(AuditEntry.objects.values_list("detail", flat=True))
    images = list(case.images.values())
    refusals = [(r.value.message, r.value.files, r.value.fields) for r in (patients, studies)]
    for text in (str(refusals), caplog.text, str(kept), str(details), str(images)):
        assert not [value for value in secret if value in text]


def test_the_child_answers_with_digests_that_only_this_upload_can_compare():
    answers = []
    for key in (b"one upload", b"another"):
        with Sandbox() as sandbox:
            pair = [sandbox.decode_bytes("x.dcm", xray(seed), key=key) for seed in (1, 2)]
        assert pair[0].identity == pair[1].identity
        answers.append(pair[0])
    one, two = (answer.identity for answer in answers)
    assert set(one) == set(two) == set(SAME)
    assert not set(one.values()) & set(two.values())
    known = {**SAME, "AccessionNumber": "-", "StudyInstanceUID": "-"}  # those are tags of intake
    assert not [value for value in known.values() if len(value) > 3 and value in str(answers)]


def uploads(**tags: object) -> list[SimpleUploadedFile]:
    files = (xray(1), xray(2, **tags))
    return [SimpleUploadedFile(f"{n}.dcm", data) for n, data in enumerate(files, 1)]


def test_rest_says_what_to_do(site, people):
    token = AuthToken.objects.create(people.service)[1]
    client = Client(headers={"Authorization": f"Token {token}"})
    body = {"site": site.slug, "body_part": "WRIST"}
    answer = client.post("/api/v1/cases", {**body, "images": uploads(**OF_A_STUDY)})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "several_studies")
    assert "Study Instance UID, Accession Number, Patient's Age" in error["message"]
    assert set(error["fields"]) == {"several_studies"}
    assert [file["code"] for file in error["files"]] == ["study_differs"]
    body["several_studies"] = "true"
    answer = client.post("/api/v1/cases", {**body, "images": uploads(**OF_A_STUDY)})
    assert answer.status_code == 201
    answer = client.post("/api/v1/cases", {**body, "images": uploads(**OF_A_PATIENT)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "patients_differ")


def test_the_page_without_scripts_asks_with_a_box(site, people, client):
    client.force_login(people.clinician)
    body = {"site": site.slug, "body_part": "WRIST", "grouping": "one", "side": "L"}
    asked = client.post("/cases/new/", {**body, "images": uploads(**OF_A_STUDY)})
    page = asked.content.decode()
    assert asked.status_code == 400
    assert "2.dcm differs from 1.dcm in: Study Instance UID" in page
    assert 'name="several_studies"' in page
    assert 'value="one" checked' in page
    assert '<option value="L" selected>' in page
    assert 'name="several_studies"' not in client.get("/cases/new/").content.decode()
    body["several_studies"] = "true"
    sent = client.post("/cases/new/", {**body, "images": uploads(**OF_A_STUDY)})
    assert sent.status_code == 200
    assert taken_cases().get().images.count() == 2
