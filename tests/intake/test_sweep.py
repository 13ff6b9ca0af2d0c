"""A case that can't be concluded stops no other; what another version decoded is decoded again."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from tests.factories import incoming, picture_bytes, stored_files
from tests.intake.conftest import events
from triage.intake import decision, queue, sweep, worker
from triage.intake.sweep import sweep_arrivals
from triage.intake.worker import decode_until_empty
from triage.models import DecodeJob
from triage.models.leased_job import ATTEMPTS
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def undecided(arrive, monkeypatch):
    """Three cases whose files were decoded, and whose worker died before it concluded them."""
    cases = [arrive(incoming("a.png", picture_bytes(seed))) for seed in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr("triage.intake.worker.conclude", lambda case_id: None)
        decode_until_empty()
    return cases


def states(cases):
    for case in cases:
        case.refresh_from_db()
    return [case.state for case in cases]


def failing(monkeypatch, module, bad, error=ZeroDivisionError):
    def conclude(case_id):
        if case_id == bad.pk:
            raise error
        decision.conclude(case_id)

    monkeypatch.setattr(module, "conclude", conclude)


def test_a_case_that_can_not_be_concluded_stops_no_other(undecided, arrive, monkeypatch, caplog):
    woken = []
    monkeypatch.setattr(sweep, "send_decode_queued", lambda: woken.append(True))
    failing(monkeypatch, sweep, undecided[0])
    arrive()
    sweep_arrivals()
    assert states(undecided) == [CaseState.ARRIVING, CaseState.RECEIVED, CaseState.RECEIVED]
    assert woken
    assert str(undecided[0].pk) in caplog.text and "a.png" not in caplog.text


def test_workers_are_woken_even_if_the_sweep_runs_out_of_time(undecided, arrive, monkeypatch):
    woken = []
    monkeypatch.setattr(sweep, "send_decode_queued", lambda: woken.append(True))
    failing(monkeypatch, sweep, undecided[0], SoftTimeLimitExceeded)
    arrive()
    with pytest.raises(SoftTimeLimitExceeded):
        sweep_arrivals()
    assert woken


def test_a_worker_goes_on_with_the_next_file(arrive, monkeypatch):
    cases = [arrive(incoming("a.png", picture_bytes(seed))) for seed in range(3)]
    failing(monkeypatch, worker, cases[0])
    assert decode_until_empty() == 3
    assert states(cases) == [CaseState.ARRIVING, CaseState.RECEIVED, CaseState.RECEIVED]


@pytest.mark.parametrize(
    "older",
    [
        lambda job: job.answer.pop("curves"),
        lambda job: job.answer.update(colour="grey"),
        lambda job: job.answer.update(facts={"study": {}, "series": {}, "instance": {}}),
        lambda job: job.derived.pop("network_input"),
        lambda job: job.derived.update(preview="arrived/x"),
    ],
    ids=["a value fewer", "a value more", "other facts", "a file fewer", "a file more"],
)
def test_what_another_version_decoded_is_decoded_again(undecided, storage, older):
    job = DecodeJob.objects.order_by("pk").first()
    older(job)
    job.save()
    sweep_arrivals()
    assert states(undecided) == [CaseState.ARRIVING, CaseState.RECEIVED, CaseState.RECEIVED]
    row = DecodeJob.objects.get(pk=job.pk)
    assert (row.state, row.attempts_left, row.answer) == (JobState.QUEUED, ATTEMPTS, None)
    assert queue.claim_next() is None  # the other version may still run: not at once
    DecodeJob.objects.update(not_before=None)
    assert decode_until_empty() == 1
    assert states(undecided) == [CaseState.RECEIVED] * 3
    assert events(undecided[0]) == ["case.arrived", "case.received"]
    image = undecided[0].images.get()
    named = {image.original.name, image.rendition.name, image.display.name, image.thumbnail.name}
    folder = storage / image.original.name.rpartition("/")[0]
    assert named <= {str(path.relative_to(storage)) for path in stored_files(folder)}
