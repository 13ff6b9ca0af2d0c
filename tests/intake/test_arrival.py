"""A case arrives durably, is decoded by workers, and gets its decision once, whatever dies in between."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories import (
    incoming,
    make_case,
    make_release,
    picture_bytes,
    stored_files,
    taken_cases,
)
from tests.intake.conftest import events
from tests.pictures import dicom, pixels
from triage.intake import decision, decoding, queue
from triage.intake.decoded import image_of
from triage.intake.errors import IntakeBusy, IntakeRefused
from triage.intake.named_files import named_originals
from triage.intake.refusals import FILE_CODES, FileReason, Refusal, refusal_of, sentences_of
from triage.intake.worker import decode_until_empty, work_on
from triage.models import Case, DecodeJob, Image, Job
from triage.stamps import stamp_of
from triage.states import INTAKE_STATES, CaseState, JobState
from triage.vocabulary import Sex

pytestmark = pytest.mark.usefixtures("storage")
LETTER = b"Dear colleague"


def test_what_arrives_is_in_no_list_until_it_is_received(arrive, site):
    make_release()
    before = stamp_of([site.pk])
    case = arrive(incoming(), incoming("two.png", picture_bytes(2)))
    assert case.state == CaseState.ARRIVING
    assert events(case) == ["case.arrived"]
    assert not Image.objects.exists() and not taken_cases().exists()
    assert stamp_of([site.pk]) == before  # no open list has to be read again
    assert decode_until_empty() == 2
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    assert events(case) == ["case.arrived", "case.received"]
    assert stamp_of([site.pk]) != before
    assert Job.objects.filter(image__case=case, state=JobState.QUEUED).count() == 2


def test_the_wait_counts_from_the_arrival_on(arrive):
    case = arrive()
    Case.objects.filter(pk=case.pk).update(received_at=timezone.now() - timedelta(minutes=90))
    decode_until_empty()
    received_at = Case.objects.get(pk=case.pk).received_at
    case.refresh_from_db()
    assert received_at < timezone.now() - timedelta(minutes=89)
    assert case.due_at == received_at + timedelta(hours=24)


def test_what_a_verdict_needed_is_gone_with_it(arrive):
    """The digests of a patient's identity, and second names of files."""
    header = {"PatientID": "SECRET-1", "PatientBirthDate": "19610203"}
    arrive(incoming("a.dcm", dicom(pixels(bits=12), **header)))
    work_on(queue.claim_next())
    (job,) = DecodeJob.objects.all()
    assert (job.state, job.answer, job.original, job.derived) == (JobState.DONE, None, "", {})
    image = Image.objects.get()
    assert named_originals([image.original.name]) == {image.original.name}


def test_a_refused_case_keeps_its_reasons_and_none_of_its_bytes(arrive, storage):
    case = arrive(
        incoming("ok.png"),
        incoming("letter.png", LETTER),
        incoming("again.png", LETTER),
        incoming("letter.png", b"Another letter"),
    )
    decode_until_empty()
    case.refresh_from_db()
    assert (case.state, case.dismissed_at) == (CaseState.REFUSED, None)
    refused = refusal_of(case)
    assert [(file.position, file.file_name, file.code) for file in refused.files] == [
        (2, "letter.png", "not_an_image"),
        (3, "again.png", "same_file_twice"),
        (4, "letter.png", "not_an_image"),
    ]
    assert "3 of 4" in refused.message
    assert "same file as letter.png" in refused.files[1].reason
    assert stored_files(storage) == []
    assert not Image.objects.exists()
    assert events(case) == ["case.arrived", "case.refused"]


@pytest.mark.parametrize(
    ("details", "header", "codes"),
    [
        ({"sex": Sex.MALE}, {"PatientSex": "F"}, ["sex_differs"]),
        ({"body_part": ""}, {}, []),
    ],
)
def test_what_the_header_decides_is_refused_after_decoding(arrive, storage, details, header, codes):
    case = arrive(incoming("a.dcm", dicom(pixels(bits=12), **header)), **details)
    decode_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.REFUSED
    assert [file.code for file in refusal_of(case).files] == codes
    assert set(refusal_of(case).fields) == (set() if codes else {"body_part"})
    assert stored_files(storage) == []


def test_every_code_of_a_file_has_its_sentence():
    names = {1: "one.png", 2: "two.png"}
    ours = FILE_CODES - set(decoding.RefusedFile.__init__.__globals__["MESSAGES"])
    assert ours == {
        "same_file_twice",
        "sex_differs",
        "patient_differs",
        "study_differs",
        "not_decoded",
    }
    for code in ours:
        params = {"other": 1, "tags": ["PatientID"]}
        (file,) = sentences_of(Refusal([FileReason(2, code, params)]), names).files
        assert "two.png" in file.reason and "%(" not in file.reason


def test_too_many_waiting_files_are_a_reason_to_come_again(arrive, settings):
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "max_waiting_files": 2}
    arrive(incoming(), incoming("two.png", picture_bytes(2)), incoming("3.png", picture_bytes(3)))
    with pytest.raises(IntakeBusy) as busy:
        arrive()
    assert busy.value.status == 503 and busy.value.seconds >= 1
    assert Case.objects.count() == 1
    decode_until_empty()
    arrive()


def test_a_field_that_can_not_be_meant_makes_no_case(arrive):
    with pytest.raises(IntakeRefused):
        arrive(side="sideways")
    assert not Case.objects.exists()


ENDED = datetime(
    2026, 1, 1, tzinfo=UTC
)  # not now: it is part of a test's name, which two processes compare


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "arriving", "closed_at": ENDED},
        {"state": "refused", "refusal": {"code": "x"}, "closed_at": None},
        {"state": "refused", "refusal": None, "closed_at": ENDED},
        {"state": "received", "refusal": {"code": "x"}},
        {"state": "received", "dismissed_at": ENDED},
    ],
    ids=str,
)
def test_the_database_holds_what_the_states_mean(arrive, wrong):
    case = arrive()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**wrong)


@pytest.mark.parametrize("state", INTAKE_STATES)
def test_nobody_but_its_sender_knows_of_it(site, people, state):
    case = make_case(site, people.clinician, state)
    everybody = vars(people).values()
    assert not any(Case.objects.visible_to(person).exists() for person in everybody)
    knowing = [person for person in everybody if Case.objects.known_to(person).exists()]
    assert knowing == [people.clinician]
    assert list(Case.objects.sent_by(people.clinician)) == [case]
    people.clinician.memberships.get().delete()
    assert not Case.objects.known_to(people.clinician).exists()


def test_what_is_kept_until_the_decision_is_all_that_the_decoder_said(arrive):
    """Two windows: whatever the decoder says comes back from the row, and every picture is a file."""
    two = {"WindowCenter": [2000, 1000], "WindowWidth": [3000, 800]}
    case = arrive(incoming("a.dcm", dicom(pixels(bits=12), **two)))
    job = queue.claim_next()
    decoded = decoding.decode(job)
    assert json.loads(json.dumps(decoded.answer)) == decoded.answer
    with default_storage.open(job.original.name) as file:
        image = decoding.shared_sandbox().decode("a.dcm", file, key=decoding.identity_key(job))
    kept = image_of(decoded.answer)
    pictures = {name for name, value in vars(image).items() if isinstance(value, bytes)}
    assert {name: value for name, value in vars(kept).items() if name not in pictures} == {
        name: value for name, value in vars(image).items() if name not in pictures
    }
    assert pictures == set(decoded.derived)
    queue.record(job, decoded)
    decision.conclude(case.pk)
    assert case.images.get().curves == image.curves
