"""Whatever dies while a case arrives: nothing is lost, nothing happens twice, nobody is blamed wrongly."""

from contextlib import suppress
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from tests.factories import (
    incoming,
    picture_bytes,
    stored_files,
)
from tests.intake.conftest import events
from tests.intake.decoders import replace_parent
from triage.intake import decision, decoding, queue
from triage.intake.health import intake_health
from triage.intake.named_files import named_originals
from triage.intake.refusals import refusal_of
from triage.intake.sandbox import DecoderEnded, DecoderUnavailable, Sandbox
from triage.intake.services import dismiss_case, note_answered
from triage.intake.sweep import sweep_arrivals
from triage.intake.worker import decode_until_empty, work_on
from triage.models import DecodeJob
from triage.models.leased_job import ATTEMPTS
from triage.queue import PAUSES
from triage.reasons import JobError
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")
LETTER = b"Dear colleague"


def test_a_worker_that_dies_before_the_verdict_leaves_it_to_the_sweep(arrive, monkeypatch):
    case = arrive()
    monkeypatch.setattr("triage.intake.worker.conclude", lambda case_id: None)
    decode_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.ARRIVING
    sweep_arrivals()
    sweep_arrivals()
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    assert events(case) == ["case.arrived", "case.received"]


def test_a_worker_that_dies_while_it_decodes_leaves_the_file_to_another(arrive, storage):
    case = arrive()
    lost = queue.claim_next()
    assert queue.claim_next() is None
    DecodeJob.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    sweep_arrivals()
    assert decode_until_empty() == 1
    files = {path.name for path in stored_files(storage)}
    work_on(lost)  # it comes back: it may write nothing, and leaves nothing behind
    assert {path.name for path in stored_files(storage)} == files
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    assert events(case) == ["case.arrived", "case.received"]


def lose_its_worker():
    assert queue.claim_next()
    running = DecodeJob.objects.filter(state=JobState.RUNNING)
    running.update(leased_until=timezone.now() - timedelta(seconds=1))
    sweep_arrivals()


def pause_ends():
    """Returns how many seconds the job would have paused."""
    job = DecodeJob.objects.get()
    seconds = job.not_before and round((job.not_before - timezone.now()).total_seconds())
    DecodeJob.objects.update(not_before=None)
    return seconds


def test_a_file_that_kills_every_worker_is_refused_in_the_end_and_kept(arrive, storage):
    """A machine that is switched off some times isn't its fault: so it is tried for half an hour."""
    case = arrive(incoming("letter.png", LETTER), incoming("a.png"))
    work_on(queue.claim_next())  # the letter is refused by itself, in any case
    lost = DecodeJob.objects.get(state=JobState.QUEUED)
    pauses = []
    while case.state == CaseState.ARRIVING:
        lose_its_worker()
        lost.refresh_from_db()
        pauses += [(lost.not_before - timezone.now()).total_seconds()] if lost.not_before else []
        DecodeJob.objects.update(not_before=None)
        case.refresh_from_db()
    lost.refresh_from_db()
    assert lost.attempt == ATTEMPTS + len(PAUSES)
    assert [round(pause, -1) for pause in pauses] == list(PAUSES)
    assert case.state == CaseState.REFUSED
    (file,) = [file for file in refusal_of(case).files if file.code == "not_decoded"]
    assert file.position == lost.position and "ended each time" in file.reason
    assert lost.error == JobError.WORKER_LOST
    kept = {f"arrived/{path.relative_to(storage / 'arrived')}" for path in stored_files(storage)}
    assert kept == {str(job.original.name) for job in case.decode_jobs.all()} and len(kept) == 2


def test_kept_files_go_when_their_sender_dismisses_the_case(
    arrive, people, storage, django_capture_on_commit_callbacks
):
    case = arrive()
    DecodeJob.objects.update(state=JobState.FAILED, error=JobError.WORKER_LOST)
    decision.conclude(case.pk)
    case.refresh_from_db()
    note_answered(case)  # an answer was written: that is no word of the sender
    case.refresh_from_db()
    assert (case.state, case.dismissed_at) == (CaseState.REFUSED, None)
    (original,) = stored_files(storage)
    assert named_originals([f"arrived/{original.relative_to(storage / 'arrived')}"])
    with django_capture_on_commit_callbacks(execute=True):
        dismiss_case(case=case, actor=people.clinician)
    assert stored_files(storage) == []
    assert not DecodeJob.objects.get().original


def away(*_, **__):
    raise OSError("the share is not mounted")


def unknown(*_, **__):
    raise RuntimeError("an error of a storage's own kind")


def hangs(*_, **__):
    raise SoftTimeLimitExceeded


def no_decoder(*_, **__):
    raise DecoderUnavailable


OUTAGES = {
    "the storage gives nothing": (decoding.default_storage, "open", away),
    "the storage takes nothing": (decoding, "store", away),
    "the storage has its own errors": (decoding, "store", unknown),
    "the storage hangs": (decoding, "store", hangs),
    "no decoder starts": (Sandbox, "decode", no_decoder),
    "the database takes nothing": (queue, "record", unknown),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_no_outage_refuses_a_case_however_long_it_lasts(arrive, client, monkeypatch, outage):
    case, pauses = arrive(), []
    with monkeypatch.context() as patch:
        patch.setattr(*OUTAGES[outage], raising=False)
        for _try in range(20):
            with suppress(SoftTimeLimitExceeded):
                work_on(queue.claim_next())
            pauses.append(pause_ends())
            sweep_arrivals()
    assert pauses[:6] == [0, 10, 30, 60, 120, 240] and set(pauses[6:]) == {240}
    case.refresh_from_db()
    assert case.state == CaseState.ARRIVING
    job = DecodeJob.objects.get()
    assert (job.state, job.attempts_left) == (JobState.QUEUED, ATTEMPTS)
    assert intake_health().interrupted == 1
    decode_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED
    assert intake_health().interrupted == 0


def test_a_file_that_ends_its_decoders_each_time_is_refused_in_the_end(arrive, monkeypatch):
    case = arrive()

    def ends(*_, **__):
        raise DecoderEnded

    monkeypatch.setattr(Sandbox, "decode", ends)
    pauses = []
    while case.state == CaseState.ARRIVING:
        work_on(queue.claim_next())
        pauses.append(pause_ends())
        case.refresh_from_db()
    assert [pause for pause in pauses if pause and pause > 0] == list(PAUSES)
    assert [file.code for file in refusal_of(case).files] == ["not_decoded"]


def test_parents_that_end_with_the_file_say_that_they_had_it(monkeypatch):
    program = (
        "import os, classifier.decode_parent as p;"
        "p.Request.of = classmethod(lambda *_: os._exit(1));"
        "p.main()"
    )
    replace_parent(monkeypatch, program)
    with Sandbox() as sandbox, pytest.raises(DecoderEnded):
        sandbox.decode_bytes("a.png", picture_bytes())


def test_a_crash_before_the_bytes_of_a_refused_case_are_removed_leaves_orphans(
    arrive, storage, monkeypatch
):
    case = arrive(incoming("letter.png", LETTER))
    (stored,) = DecodeJob.objects.values_list("original", flat=True)
    monkeypatch.setattr(decision, "remove", lambda names: None)
    decode_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.REFUSED
    assert len(stored_files(storage)) == 1
    assert named_originals([stored]) == set()  # the sweep of orphans finds that no row names it
