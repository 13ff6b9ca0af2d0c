"""Whatever dies while a case arrives: nothing is lost, nothing happens twice, nobody is blamed wrongly."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    incoming,
    stored_files,
)
from tests.intake.conftest import events
from triage.intake import decision, decoding, queue
from triage.intake.named_files import named_originals
from triage.intake.refusals import refusal_of
from triage.intake.sweep import sweep_arrivals
from triage.intake.worker import decode_until_empty, work_on
from triage.models import DecodeJob
from triage.reasons import JobError
from triage.states import CaseState

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


def test_a_file_that_kills_every_worker_is_refused_and_the_sender_told(arrive):
    case = arrive()
    for _try in range(3):
        assert queue.claim_next()
        DecodeJob.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        sweep_arrivals()
    case.refresh_from_db()
    assert case.state == CaseState.REFUSED
    (file,) = refusal_of(case).files
    assert (file.code, file.position) == ("not_decoded", 1)
    assert "not of the file" in file.reason
    assert DecodeJob.objects.get().error == JobError.WORKER_LOST


def test_a_storage_that_is_away_refuses_nothing(arrive, monkeypatch):
    case = arrive()

    def away(name, mode="rb"):
        raise OSError("the share is not mounted")

    with monkeypatch.context() as patch:
        patch.setattr(decoding.default_storage, "open", away, raising=False)
        work_on(queue.claim_next())
    case.refresh_from_db()
    assert case.state == CaseState.ARRIVING
    assert (DecodeJob.objects.get().state, DecodeJob.objects.get().attempts_left) == ("queued", 3)
    decode_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.RECEIVED


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
