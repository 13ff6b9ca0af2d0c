"""How many statements a picture costs: each takes a worker and PostgreSQL up to a millisecond."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import pictures
from tests.factories import incoming, make_people, make_site, usable_release
from triage.inference import health
from triage.inference.worker.batch import work_until_empty
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.intake.worker import decode_until_empty
from triage.models import Heartbeat
from triage.vocabulary import BodyPart, Source

pytestmark = pytest.mark.usefixtures("committed_db", "storage")

# With BEGIN and COMMIT, whether the site has a sealed case, and its reading rules. A DICOM file has a study
# and a series too, and is looked for by its UID.
OF_INTAKE = {"wrist.png": 26, "film.dcm": 29}
OF_INFERENCE = 19
# What each further picture adds, if several wait: to claim, and to take up again.
FURTHER = OF_INTAKE["wrist.png"] - 1


@pytest.fixture
def send(monkeypatch):
    """Sends a file as a case. Both workers have noted a beat already."""
    usable_release()
    site = make_site()
    sender = make_people(site, make_site()).clinician
    for queue in ("intake", "inference"):
        monkeypatch.setitem(health._last_beats, queue, float("inf"))

    def arrive(name, data):
        arrive_case(
            sender=sender,
            site=site,
            files=[incoming(name, data)],
            details=CaseDetails(body_part=BodyPart.WRIST),
            source=Source.API,
        )

    return arrive


def statements(run):
    with CaptureQueriesContext(connection) as asked:
        done = run()
    return done, len(asked)


@pytest.mark.parametrize("name", OF_INTAKE)
def test_what_a_file_costs(send, name):
    data = pictures.png() if name.endswith("png") else pictures.dicom()
    send(name, data)
    assert statements(decode_until_empty) == (1, OF_INTAKE[name])


def test_what_a_prediction_costs(send):
    for seed in range(2):
        send("wrist.png", pictures.png(pictures.pixels() + seed))
        decode_until_empty()
        found = statements(work_until_empty)
    assert found == (1, OF_INFERENCE)


def test_a_batch_costs_hardly_more_than_one_picture(send):
    send("wrist.png", pictures.png())
    decode_until_empty()
    work_until_empty()
    for seed in range(1, 5):
        send("wrist.png", pictures.png(pictures.pixels() + seed))
    assert statements(decode_until_empty) == (4, 4 * FURTHER + 1)
    assert statements(work_until_empty) == (4, OF_INFERENCE)


def test_a_worker_under_load_beats_every_few_seconds(send, monkeypatch):
    def beats(seed):
        Heartbeat.objects.all().delete()
        send("wrist.png", pictures.png(pictures.pixels() + seed))
        decode_until_empty()
        return Heartbeat.objects.filter(queue="intake").exists()

    monkeypatch.delitem(health._last_beats, "intake")
    assert [beats(seed) for seed in range(2)] == [True, False]
    monkeypatch.setitem(health._last_beats, "intake", time.monotonic() - health._BEAT_SECONDS)
    assert beats(2)
