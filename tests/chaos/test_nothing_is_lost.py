"""Workers are killed, Redis dies, messages come twice: every case still gets exactly one prediction."""

import json
import signal
import time
from urllib.request import Request, urlopen

import pytest
from django.db.models import Count

from accounts.models import AuditEntry
from tests.factories import PASSWORD, make_case, make_people, make_site, picture_bytes
from tests.processes import INTAKE, WEB, WORKER, answers, free_port, wait_until
from triage.inference.services import sweep_and_send
from triage.models import Case, Job, Prediction
from triage.states import CaseState, JobState

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
INFERENCE = (*WORKER, "-Q", "inference")


@pytest.fixture
def cases(release):
    site = make_site()
    people = make_people(site, make_site())
    return [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(20)]


def running():
    return Job.objects.filter(state=JobState.RUNNING).count()


def all_predicted():
    """Sweeps as beat would, and looks."""
    sweep_and_send()
    return not Case.objects.exclude(state=CaseState.PREDICTED).exists()


@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.whole) for n in (1, 2, 3, 4))]
)
def test_a_worker_killed_in_mid_batch_loses_no_case(cases, start, number):
    """``number``: tenths of a second into a batch at which it is killed."""
    first = start("first", *INFERENCE)
    sweep_and_send()
    wait_until(running, 60, "a batch")
    time.sleep(number / 10)
    wait_until(running, 60, "a batch, if that one has ended meanwhile")
    first.kill(signal.SIGKILL)
    lost = running()
    assert lost > 0, "the worker was killed between batches, not in one"

    start("second", *INFERENCE)
    wait_until(all_predicted, 90, "the prediction of every case")
    assert Prediction.objects.count() == len(cases)
    assert Job.objects.filter(state=JobState.DONE, alone=True).count() == lost
    per_image = Prediction.objects.values("image").annotate(count=Count("pk"))
    assert {row["count"] for row in per_image} == {1}


def test_a_second_message_for_finished_jobs_changes_nothing(cases, start):
    worker = start("worker", *INFERENCE)
    wait_until(all_predicted, 90, "the prediction of every case")

    def everything():
        return (
            list(Job.objects.order_by("pk").values()),
            list(Prediction.objects.order_by("pk").values()),
            list(Case.objects.order_by("pk").values()),
            AuditEntry.objects.count(),
        )

    before, answered = everything(), worker.output.count("succeeded")
    from triage.inference.dispatch import send_classify_queued

    assert send_classify_queued()
    assert send_classify_queued()
    wait_until(lambda: worker.output.count("succeeded") >= answered + 2, 20, "both messages")
    assert everything() == before


def post(url: str, token: str = "", **fields: str | tuple[str, bytes]) -> dict:
    """A multipart POST by hand, since this test wants nothing between itself and the wire."""
    boundary, parts = "callus-test-boundary", []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            parts.append(f'{head}; filename="{value[0]}"\r\n\r\n'.encode() + value[1] + b"\r\n")
        else:
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    headers["Prefer"] = "wait=1"  # a dead broker wakes nobody: the answer is 202
    if token:
        headers["Authorization"] = f"Token {token}"
    with urlopen(Request(url, body, headers), timeout=30) as response:
        return json.load(response)


def sign_in(base: str, email: str) -> str:
    body = json.dumps({"email": email, "password": PASSWORD}).encode()
    request = Request(f"{base}/api/v1/auth/login/", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        return json.load(response)["token"]


def test_redis_stopped_during_upload_loses_no_case(release, broker, start, tmp_path):
    site = make_site(slug="chaos")
    people = make_people(site, make_site())
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {"REDIS_URL": broker.url, "PORT": str(port)}
    start("web", *WEB, **environment)
    start("intake", *INTAKE, **environment)
    start("inference", *INFERENCE, "-n", "inference@%h", **environment)
    start("default", *WORKER, "-Q", "default", "-n", "default@%h", **environment)
    schedule = ("beat", "--schedule", str(tmp_path / "beat"))
    start("beat", *WORKER[:5], *schedule, **environment)
    wait_until(lambda: answers(f"{base}/healthz/live"), 30, "the web server's start")
    token = sign_in(base, people.clinician.email)

    def upload(seed: int) -> dict:
        picture = (f"wrist-{seed}.png", picture_bytes(seed))
        fields = {"site": "chaos", "body_part": "WRIST", "images": picture}
        return post(f"{base}/api/v1/cases/", token, **fields)

    upload(1)
    broker.kill()
    while_dead = [upload(seed) for seed in (2, 3)]
    assert [answer["state"] for answer in while_dead] == ["arriving", "arriving"]
    broker.start()

    def every_case_is_predicted():
        return Case.objects.filter(site=site, state=CaseState.PREDICTED).count() == 3

    wait_until(
        every_case_is_predicted, 120, "the prediction of every case, without a person's help"
    )
