"""A process is killed at a step of its way: nothing is lost, nothing is there twice, no file is left behind.

At one step by ``make test``, at twenty that lie over the whole way by ``make test-all``.
"""

import signal
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from django.db.models import Count

from tests.chaos.mortal import Steps
from tests.chaos.outcome import all_decided, assert_no_orphan, assert_received_once, times
from tests.chaos.test_nothing_is_lost import sign_in
from tests.factories import incoming, make_case, picture_bytes
from tests.http.conftest import FORM, form, part, picture
from tests.pictures import dicom, pixels
from tests.processes import INTAKE, WEB, WORKER, Process, answers, free_port, wait_until
from triage.inference.services import sweep_and_send
from triage.intake.arrived import arrive
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case, Image, Prediction
from triage.states import CaseState
from triage.vocabulary import BodyPart, Source

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]
INFERENCE = (*WORKER, "-Q", "inference", "-n", "inference@%h")
POINTS, MIDDLE = 20, 9
points = pytest.mark.parametrize(
    "point",
    [MIDDLE, *(pytest.param(n, marks=pytest.mark.whole) for n in range(POINTS) if n != MIDDLE)],
)
# Program → how many steps its way has, measured once a session where all points are tried.
LENGTHS: dict[str, int] = {}
ABOUT = {"web": 40, "intake": 240, "inference": 65}


class Mortal:
    """A program that walks its way until it dies at a step of it."""

    def __init__(self, start: Callable[..., Process], folder: Path, is_whole: bool) -> None:
        self._start, self._folder, self._is_whole = start, folder, is_whole
        self.name, self.command = "", ()
        self.ready: Callable[[Process], bool] = lambda process: " ready." in process.output
        self.begin: Callable[[], object] = lambda: None
        self.is_over: Callable[[], bool] = lambda: True

    def die(self, point: int) -> None:
        """Walks and dies where ``point`` lies on the way.

        The way is a little shorter where folders are there already, or no lease was renewed: then it dies at
        the end, after its last step.
        """
        if self._is_whole and self.name not in LENGTHS:
            LENGTHS[self.name] = self._walk(0)
        length = LENGTHS.get(self.name, ABOUT[self.name])
        self._walk(1 + point * length // POINTS)

    def _walk(self, dies_at: int) -> int:
        """Returns how many steps it walked."""
        steps = Steps(self._folder / f"{self.name}-{dies_at}")
        mortal = (sys.executable, "-m", "tests.chaos.mortal", *self.command[2:])
        process = self._start(f"mortal-{dies_at}", *mortal, **steps.dying_at(dies_at))
        wait_until(lambda: self.ready(process), 60, f"the start of {self.name}")
        steps.begin()
        self.begin()
        wait_until(lambda: process.popen.poll() is not None or self.is_over(), 60, "its end")
        if dies_at:
            died = process.popen.poll() == -signal.SIGKILL
            assert died or steps.number > 0.75 * dies_at, f"It has {steps.number} steps only."
        process.kill()
        print(f"{self.name}: {steps.number} steps")
        return steps.number


@pytest.fixture
def mortal(start, tmp_path, whole_form) -> Mortal:
    return Mortal(start, tmp_path, whole_form)


def send(sender, *files) -> Case:
    return arrive_case(
        sender=sender,
        site=sender.memberships.get().site,
        files=files,
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )


@points
def test_an_intake_worker_killed_at_any_step_loses_no_case(
    sender, start, mortal, monkeypatch, point
):
    good: list[Case] = []
    bad: list[Case] = []

    def send_all() -> None:
        for seed in range(2):
            xray = incoming("a.dcm", dicom(pixels(300, 200, bits=12, seed=seed)))
            good.append(send(sender, xray, incoming("b.png", picture_bytes(seed))))
        bad.append(send(sender, incoming("c.png"), incoming("d.png", b"Dear colleague")))

    mortal.name, mortal.command = "intake", INTAKE
    mortal.begin, mortal.is_over = send_all, all_decided
    mortal.die(point)

    start("intake", *INTAKE)
    wait_until(all_decided, 60, "the end of every arrival")
    assert_received_once(good)
    assert times("case.refused") == {str(case.pk): 1 for case in bad}
    assert not Image.objects.filter(case__in=bad).exists()
    assert_no_orphan(monkeypatch)


class Client:
    """Sends a case of two files to a web server of the test."""

    def __init__(self, sender) -> None:
        self.port, self._sender, self._token = free_port(), sender, ""

    def is_ready(self, _process: Process | None = None) -> bool:
        base = f"http://127.0.0.1:{self.port}"
        if not answers(f"{base}/healthz/live"):
            return False
        self._token = self._token or sign_in(base, self._sender.email)
        return True

    def post(self) -> int:
        """The status of the answer; 0 if the line broke."""
        body = form(
            part("site", "north"),
            part("body_part", "WRIST"),
            picture(picture_bytes(1)),
            picture(picture_bytes(2), b'filename="two.png"'),
        )
        headers = {"Content-Type": FORM, "Idempotency-Key": "first", "Prefer": "wait=0"}
        headers["Authorization"] = f"Token {self._token}"
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("POST", "/api/v1/cases", body, headers)
            return line.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            line.close()


@points
def test_a_web_process_killed_at_any_step_loses_no_case_and_makes_none_twice(
    sender, start, mortal, monkeypatch, point
):
    """The sender got no answer and sends again, with the same key, as the page does."""
    client = Client(sender)
    arrive("earlier.png", [b"x"]).discard()  # the folder of the day is there
    monkeypatch.setenv("PORT", str(client.port))
    monkeypatch.setenv("WEB_WORKERS", "1")
    mortal.name, mortal.command = "web", WEB
    mortal.ready, mortal.begin = client.is_ready, client.post
    mortal.die(point)

    start("web", *WEB)
    wait_until(client.is_ready, 60, "the web server's start")
    assert client.post() == 202
    start("intake", *INTAKE)
    wait_until(all_decided, 60, "the end of the arrival")
    assert_received_once([Case.objects.get()])
    assert_no_orphan(monkeypatch)


def all_predicted() -> bool:
    """Sweeps as beat would, and looks."""
    sweep_and_send()
    return not Case.objects.exclude(state=CaseState.PREDICTED).exists()


@points
def test_an_inference_worker_killed_at_any_step_loses_no_case(
    release, sender, start, mortal, point
):
    cases: list[Case] = []

    def receive() -> None:
        site = sender.memberships.get().site
        cases.extend(make_case(site, sender, CaseState.RECEIVED, images=2) for _number in range(3))
        sweep_and_send()

    mortal.name, mortal.command = "inference", INFERENCE
    mortal.begin, mortal.is_over = receive, all_predicted
    mortal.die(point)

    start("inference", *INFERENCE)
    wait_until(all_predicted, 90, "the prediction of every case")
    assert times("case.predicted") == {str(case.pk): 1 for case in cases}
    per_image = Prediction.objects.values_list("image").annotate(Count("pk"))
    assert dict(per_image) == dict.fromkeys(Image.objects.values_list("pk", flat=True), 1)
