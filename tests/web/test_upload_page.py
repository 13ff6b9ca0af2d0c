"""Sending cases without scripts: the form does all that the page does."""

import re
import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import incoming, picture_bytes, taken_cases
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case
from triage.states import CaseState
from triage.vocabulary import Source

pytestmark = pytest.mark.usefixtures("storage")


def png(name="wrist.png", seed=0):
    return SimpleUploadedFile(name, picture_bytes(seed), "image/png")


@pytest.fixture
def sender(people, client):
    client.force_login(people.clinician)
    return client


def send(client, *files, **fields):
    form = {"site": "north", "body_part": "WRIST", "priority": "urgent", **fields}
    return client.post("/cases/new/", {**form, "images": list(files)})


def test_each_file_is_a_case(sender, people):
    answer = send(sender, png(), png("two.png", 1))
    assert answer.status_code == 200
    assert "2 cases sent" in answer.content.decode()
    assert {case.source for case in Case.objects.all()} == {Source.WEB}
    assert Case.objects.filter(sender=people.clinician, priority=1).count() == 2


def test_grouped_files_are_one_case(sender):
    send(sender, png(), png("two.png", 1), grouping="one")
    assert Case.objects.get().images.count() == 2


def test_a_bad_file_is_named_and_the_good_one_is_sent(sender):
    bad = SimpleUploadedFile("letter.png", b"Dear colleague")
    page = send(sender, png(), bad).content.decode()
    assert "1 case sent" in page
    assert "letter.png" in page
    assert taken_cases().count() == 1


def test_bytes_that_came_before_are_said_with_a_link(sender):
    send(sender, png())
    first = Case.objects.get()
    # Of another form: the same one sent again makes no second case.
    page = send(sender, png("again.png"), idempotency_key="another").content.decode()
    assert Case.objects.count() == 2
    link = f'<a href="/cases/{first.pk}/">{first.short_name}</a>'
    assert re.search(rf"again\.png.*the same file was sent before.*{link}", page, re.DOTALL)


def test_a_missing_body_part_is_named(sender):
    answer = send(sender, png(), body_part="")
    assert answer.status_code == 400
    assert "body_part" in answer.content.decode()


def test_a_site_one_does_not_send_to_is_refused(sender):
    assert send(sender, png(), site="south").status_code == 400
    assert not Case.objects.exists()


def test_what_names_one_patient_never_reaches_two_cases(sender):
    answer = send(sender, png(), png("two.png", 1), accession_number="A-1")
    assert answer.status_code == 400
    assert "belongs to one case" in answer.content.decode()
    assert not Case.objects.exists()
    page = send(sender, png(), accession_number="A-1").content.decode()
    assert Case.objects.get().accession_number == "A-1"
    assert 'value="A-1"' not in page


@pytest.mark.parametrize("field", ["clinical_question", "accession_number"])
def test_a_character_that_no_text_holds_is_named_and_nothing_stored(sender, storage, field):
    answer = send(sender, png(), **{field: "a\0b"})
    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert not Case.objects.exists()
    assert not list(storage.rglob("original"))


def test_what_was_said_stays_after_a_refusal_and_never_reaches_the_next_patient(sender):
    said = {"clinical_question": "Scaphoid?", "side": "L", "accession_number": "A-1"}
    bad = SimpleUploadedFile("letter.png", b"Dear colleague")
    page = send(sender, bad, **said).content.decode()
    assert "Scaphoid?" in page
    assert 'value="A-1"' in page
    assert '<option value="L" selected>' in page
    page = send(sender, png(), **said).content.decode()
    assert "Scaphoid?" not in page
    assert 'value="A-1"' not in page
    assert '<option value="L" selected>' not in page
    assert '<option value="WRIST" selected>' not in page


def full(settings, files):
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "max_waiting_files": files}


def test_a_full_queue_is_no_fault_of_the_form(sender, settings, people, site):
    """503 and when to come again, as REST answers; what came with a fault of its own stays 400."""
    full(settings, 0)
    someone_elses = arrive_case(
        sender=people.service,
        site=site,
        files=[incoming()],
        details=CaseDetails(body_part="WRIST"),
        source=Source.API,
    )
    answer = send(sender, png(), png("two.png", 1), clinical_question="Scaphoid?")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    assert "Scaphoid?" in answer.content.decode()
    assert Case.objects.get() == someone_elses
    answer = send(sender, png(), side="sideways")
    assert answer.status_code == 400 and "Retry-After" not in answer


def test_what_was_taken_before_the_queue_was_full_counts(sender, settings):
    full(settings, 0)
    answer = send(sender, png(), png("two.png", 1), png("three.png", 2))
    assert answer.status_code == 200 and "Retry-After" not in answer
    assert Case.objects.count() == 1


def test_a_refusal_is_dismissed_by_the_page_that_tells_it(sender):
    bad = SimpleUploadedFile("letter.png", b"Dear colleague")
    page = send(sender, bad).content.decode()
    assert page.count("letter.png") == 1  # not a second time, in the list of refused cases
    assert Case.objects.get().dismissed_at is not None


def test_a_refusal_whose_page_nobody_got_stays(sender):
    gone, other_end = socket.socketpair()
    other_end.close()
    sender.defaults["gunicorn.socket"] = gone
    with gone:
        send(sender, SimpleUploadedFile("letter.png", b"Dear colleague"))
        case = Case.objects.get()
        assert (case.state, case.dismissed_at) == (CaseState.REFUSED, None)
        assert "letter.png" in sender.get("/cases/new/").content.decode()
