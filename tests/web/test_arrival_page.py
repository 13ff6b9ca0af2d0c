"""The pages of a case that is arriving or was refused, which its sender alone sees."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import incoming, make_case, picture_bytes
from tests.pictures import dicom, pixels
from triage.inference.health import beat
from triage.intake import queue, waiting
from triage.intake.details import CaseDetails
from triage.intake.dispatch import QUEUE
from triage.intake.services import arrive_case
from triage.intake.worker import decode_until_empty, work_on
from triage.models import Case, Heartbeat
from triage.states import CaseState
from triage.vocabulary import BodyPart, Source

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def sender(people):
    client = Client()
    client.force_login(people.clinician)
    return client


@pytest.fixture
def case(site, people):
    files = [incoming(), incoming("letter.png", b"Dear colleague")]
    details = CaseDetails(body_part=BodyPart.WRIST, accession_number="A-77")
    return arrive_case(
        sender=people.clinician, site=site, files=files, details=details, source=Source.WEB
    )


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_a_case_that_arrives_says_how_far_it_is(sender, case):
    assert "0 of 2 files read" in page(sender, "case", case.pk)
    work_on(queue.claim_next())
    fragment = page(sender, "case_arrival", case.pk)
    assert "1 of 2 files read" in fragment and "data-running" in fragment
    work_on(queue.claim_next())
    fragment = page(sender, "case_arrival", case.pk)
    assert "data-running" not in fragment and "letter.png" in fragment


def test_a_case_that_waits_long_says_so(sender, case):
    beat(QUEUE)
    assert "delayed" not in page(sender, "case", case.pk)
    Case.objects.filter(pk=case.pk).update(received_at=timezone.now() - timedelta(seconds=30))
    assert "delayed" in page(sender, "case", case.pk)
    Case.objects.filter(pk=case.pk).update(received_at=case.received_at)
    Heartbeat.objects.all().delete()
    assert "delayed" in page(sender, "case_arrival", case.pk)


def test_a_sender_finds_what_waits_to_be_read(sender, case, people):
    """Who doesn't find it sends it again."""
    other = Client()
    other.force_login(people.clinician2)
    for name in ("upload", "worklist"):
        assert "1 upload is stored and safe, and waits" in page(sender, name)
        assert reverse("case", args=[case.pk]) in page(sender, name)
        assert "safe, and waits" not in page(other, name)
    decode_until_empty()
    for name in ("upload", "worklist"):
        assert "safe, and waits" not in page(sender, name)


def test_the_part_of_a_case_that_was_received_is_empty_so_that_the_page_goes_on(
    sender, site, people
):
    case = make_case(site, people.clinician)
    assert page(sender, "case_arrival", case.pk).strip() == ""
    assert 'class="case-head"' in page(sender, "case", case.pk)


def test_a_refused_case_is_announced_until_it_is_dismissed(sender, case):
    decode_until_empty()
    for name in ("upload", "worklist"):
        assert "1 upload was refused" in page(sender, name)
    refused = page(sender, "case", case.pk)
    assert "File 2: letter.png is a text file" in refused
    assert reverse("upload") in refused
    answer = sender.post(reverse("case_dismiss", args=[case.pk]), follow=True)
    assert "Dismissed." in answer.content.decode()
    for name in ("upload", "worklist"):
        assert "1 upload was refused" not in page(sender, name)
    assert reverse("case_dismiss", args=[case.pk]) not in page(sender, "case", case.pk)


def refused(site, people, *files, **details):
    case = arrive_case(
        sender=people.clinician,
        site=site,
        files=files,
        details=CaseDetails(**{"body_part": BodyPart.WRIST, **details}),
        source=Source.WEB,
    )
    decode_until_empty()
    return case


def test_the_only_reason_of_a_refused_case_stands_once(sender, site, people):
    case = refused(site, people, incoming("letter.png", b"Dear colleague"))
    assert page(sender, "case", case.pk).count("is a text file") == 1


def test_a_field_is_called_by_its_name_on_pages(sender, site, people):
    text = page(sender, "case", refused(site, people, incoming(), body_part="").pk)
    assert "Body part: This field cannot be blank." in text
    assert "body_part" not in text


def test_the_sentence_for_programs_is_on_no_page(sender, site, people):
    """The card of the upload page asks the question with a box, and here the answer is to send again."""
    files = [
        incoming(f"{seed}.dcm", dicom(pixels(seed=seed), 8, StudyInstanceUID=f"1.2.{seed}"))
        for seed in (1, 2)
    ]
    text = page(sender, "case", refused(site, people, *files).pk)
    assert "Do they belong to one case?" in text
    assert "Send true" not in text


@pytest.mark.parametrize("state", [CaseState.ARRIVING, CaseState.REFUSED])
@pytest.mark.parametrize("who", ["clinician2", "reviewer", "admin", "stranger", "staff"])
def test_for_everybody_else_it_is_not_there(site, people, state, who):
    case = make_case(site, people.clinician, state)
    client = Client()
    client.force_login(getattr(people, who))
    for name in ("case", "case_arrival"):
        assert client.get(reverse(name, args=[case.pk])).status_code == 404
    for name in ("case_dismiss", "case_claim", "case_withdraw", "case_review", "case_retry"):
        assert client.post(reverse(name, args=[case.pk])).status_code == 404
    assert str(case.pk) not in client.get(reverse("worklist")).content.decode()


@pytest.mark.parametrize("state", [CaseState.ARRIVING, CaseState.REFUSED])
def test_its_sender_can_do_nothing_else_with_it(sender, site, people, state):
    case = make_case(site, people.clinician, state)
    for name in ("case_claim", "case_withdraw", "case_review", "case_retry", "case_renew"):
        assert sender.post(reverse(name, args=[case.pk])).status_code == 404
    assert sender.get(reverse("case_model_output", args=[case.pk])).status_code == 404


def test_the_form_without_scripts_says_what_is_still_arriving(sender, monkeypatch):
    monkeypatch.setattr(waiting, "wait_a_moment", lambda seconds: waiting.time.sleep(seconds))
    monkeypatch.setattr(
        "triage.web.upload.settings.CALLUS_DECISION_SECONDS", {"usual": 0, "most": 0}
    )
    files = [
        SimpleUploadedFile("a.png", picture_bytes(1)),
        SimpleUploadedFile("letter.png", b"Dear colleague"),
    ]
    form = {"site": "north", "body_part": "WRIST", "images": files}
    answer = sender.post(reverse("upload"), form)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "These are stored and safe" in text
    assert all(reverse("case", args=[case.pk]) in text for case in Case.objects.all())
    decode_until_empty()
    assert "1 upload was refused" in page(sender, "upload")


def test_a_queue_without_workers_is_said_where_people_send(sender, client):
    assert "Reading of files is delayed" in page(sender, "upload")
    assert client.get("/healthz/intake").status_code == 503
    from triage.intake.tasks import heartbeat

    heartbeat()
    assert "Reading of files is delayed" not in page(sender, "upload")
    answer = client.get("/healthz/intake")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
