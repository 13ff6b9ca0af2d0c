"""A case comes in whole or not at all, and one sent by mistake goes out with a reason."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from classifier.decoder_version import DECODER_VERSION
from classifier.rendition_header import ENDING, MAGIC
from tests.factories import (
    incoming,
    make_case,
    make_release,
    picture_bytes,
    receive_case,
    stored_files,
    taken_cases,
)
from triage.intake.details import CaseDetails
from triage.intake.errors import IntakeRefused
from triage.intake.services import withdraw_case
from triage.models import Case, Image, Job
from triage.review.claims import claim
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import BodyPart, Priority, Source
from triage.worklist.deadlines import DEFAULT_PRIORITY_MINUTES

pytestmark = pytest.mark.usefixtures("storage")
WRIST = CaseDetails(body_part=BodyPart.WRIST)


def png(name="wrist.png", seed=0):
    return incoming(name, picture_bytes(seed))


def send(people, site, *files, details=WRIST, sender=None):
    return receive_case(
        sender=sender or people.clinician,
        site=site,
        files=files,
        details=details,
        source=Source.API,
    )


def content(field):
    with field.open() as file:
        return file.read()


def test_a_case_is_stored_queued_and_dated(site, people, storage):
    release = make_release()
    details = CaseDetails(body_part=BodyPart.WRIST, priority=Priority.STAT)
    received = send(people, site, png(), png("second.png", 1), details=details)
    case = received.case
    assert case.state == CaseState.RECEIVED
    assert received.duplicates == []
    wait = (case.due_at - case.received_at).total_seconds() / 60
    assert wait == DEFAULT_PRIORITY_MINUTES[Priority.STAT]
    images = list(case.images.all())
    assert [image.position for image in images] == [1, 2]
    assert content(images[0].original) == picture_bytes(0)
    jobs = Job.objects.filter(image__case=case, release=release, priority=Priority.STAT)
    assert jobs.count() == 2
    assert AuditEntry.objects.filter(verb="case.received", subject_id=str(case.pk)).count() == 1
    assert len(stored_files(storage)) == 8


def test_a_case_waits_for_the_first_release(site, people):
    case = send(people, site, png()).case
    assert not Job.objects.filter(image__case=case).exists()
    assert case.state == CaseState.RECEIVED


def test_one_bad_file_refuses_the_case_and_stores_nothing(site, people, storage):
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, png(), incoming("notes.png", b"not a picture"))
    (bad,) = refused.value.files
    assert bad.file_name == "notes.png"
    assert "notes.png" in bad.reason
    assert not taken_cases().exists()
    assert stored_files(storage) == []


def test_a_missing_body_part_is_named_and_stores_nothing(site, people, storage):
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, png(), details=CaseDetails())
    assert set(refused.value.fields) == {"body_part"}
    assert stored_files(storage) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("side", "sideways"),
        ("priority", 7),
        ("age_band", "old"),
        ("accession_number", "x" * 65),
        ("clinical_question", "x" * 2001),
    ],
)
def test_a_field_that_can_not_be_meant_is_named(site, people, field, value):
    details = CaseDetails(**{"body_part": BodyPart.WRIST, field: value})
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, png(), details=details)
    assert set(refused.value.fields) == {field}


def test_from_one_to_twenty_pictures(site, people):
    for files in ([], [png(seed=seed) for seed in range(21)]):
        with pytest.raises(IntakeRefused):
            send(people, site, *files)


def test_the_same_file_twice_in_a_case_is_refused_by_name(site, people):
    with pytest.raises(IntakeRefused) as refused:
        send(people, site, png("one.png"), png("two.png"))
    assert refused.value.files[0].code == "same_file_twice"
    assert "one.png" in refused.value.files[0].reason


def test_bytes_seen_before_in_the_site_are_taken_and_said(site, other_site, people, storage):
    first = send(people, site, png()).case
    again = send(people, site, png("copy.png"))
    (duplicate,) = again.duplicates
    assert (duplicate.file_name, duplicate.earlier_case_id) == ("copy.png", first.pk)
    assert len(stored_files(storage)) == 2 * 4  # no two rows share a file
    elsewhere = send(people, other_site, png(), sender=people.stranger)
    assert elsewhere.duplicates == []
    assert len(stored_files(storage)) == 3 * 4


@pytest.mark.parametrize("who", ["reviewer", "admin", "stranger", "staff"])
def test_who_may_not_send(site, people, who):
    with pytest.raises(NotPermitted):
        send(people, site, png(), sender=getattr(people, who))


def test_what_a_crashed_try_left_is_not_replaced_and_not_used(site, people):
    file = png()
    left = file.stored.replace("original", f"v{DECODER_VERSION}/rendition.{ENDING}")
    default_storage.save(left, ContentFile(b"half"))
    image = send(people, site, file).case.first_image
    assert content(image.original) == picture_bytes(0)
    assert image.rendition.name != left
    assert content(image.rendition).startswith(MAGIC)
    with default_storage.open(left) as half:
        assert half.read() == b"half"


def test_the_senders_word_stands_and_tags_fill_the_gaps():
    tags = {"body_part": "WRIST", "side": "L", "sex": "F", "patient_age": 70, "projection": "LAT"}
    filled = CaseDetails(body_part=BodyPart.HAND).filled_from([tags, {"side": "R"}])
    assert (filled.body_part, filled.side, filled.sex) == (BodyPart.HAND, "L", "F")
    assert (filled.age_band, filled.projection) == ("65+", "LL")
    assert CaseDetails().filled_from([{"body_part": "SPLEEN", "sex": "?"}]) == CaseDetails()


def test_a_withdrawn_case_keeps_everything(site, people):
    case = make_case(site, people.clinician)
    withdrawn = withdraw_case(case=case, actor=people.clinician, reason="Wrong patient")
    assert (withdrawn.state, withdrawn.withdrawn_by) == (CaseState.WITHDRAWN, people.clinician)
    assert Case.objects.filter(pk=case.pk, closed_at__gte=F("received_at")).exists()
    assert Image.objects.filter(case=case).count() == 1
    with pytest.raises(Conflict):
        withdraw_case(case=case, actor=people.clinician, reason="Again")


def test_withdrawing_needs_a_reason_a_right_and_an_open_case(site, people):
    case = make_case(site, people.clinician)
    with pytest.raises(Refused, match="why"):
        withdraw_case(case=case, actor=people.clinician, reason="  ")
    for person in (people.stranger, people.admin, people.staff):
        with pytest.raises(NotPermitted):
            withdraw_case(case=case, actor=person, reason="x")
    claim(case=case, reader=people.reviewer)
    with pytest.raises(Conflict, match="Rita"):
        withdraw_case(case=case, actor=people.clinician, reason="x")
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    with pytest.raises(Conflict):
        withdraw_case(case=case, actor=people.clinician, reason="x")
