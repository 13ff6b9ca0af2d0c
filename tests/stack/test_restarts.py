"""Each process of a running site is killed in turn: it comes back, and what was sent is read."""

import io
import signal
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest
from honcho.environ import parse_procfile

from demo.drawings import draw
from localservices.smoke import Client, SmokeFailure
from tests.processes import REPOSITORY, Process, answers, free_port, processes, wait_until
from tests.stack.conftest import processes_of

RUN = (sys.executable, "-m", "localservices", "run", "--no-demo-cases")
# Name → a word of its command line.
WORDS = {"Redis": "redis-server", "web": "gunicorn", "beat": "beat"}
PROCFILE = parse_procfile((REPOSITORY / "Procfile").read_text()).processes
WORDS |= {name: f"{name.removeprefix('worker-')}@" for name in PROCFILE if name not in WORDS}
SOME = ("PostgreSQL", "web", "worker-inference")  # that the short form kills: of each kind one


@pytest.fixture
def start(alone, folder, tmp_path) -> Iterator[Callable[..., Process]]:
    with processes(tmp_path) as starter:
        yield lambda port, **environment: starter(
            "site", *RUN, "--port", str(port), VAR_DIR=str(folder), **environment
        )


class Site:
    """A running site, and what its clinician sends to it."""

    def __init__(self, site: Process, folder, port: int) -> None:
        self.process, self._folder = site, folder
        self._base = f"http://127.0.0.1:{port}"
        wait_until(self.works, 120, "the site's start")
        self._client = Client(self._base, "clinician@demo.callus.test")
        self._sent = 0

    def works(self) -> bool:
        return answers(f"{self._base}/healthz/ready") and answers(f"{self._base}/healthz/worker")

    def send(self) -> str:
        """The id of a new case, or "" where the site doesn't take one now."""
        picture = io.BytesIO()
        draw("spiral", self._sent).save(picture, "PNG")
        self._sent += 1
        fields = {"site": "demo", "body_part": "LEG", "accession_number": f"R-{self._sent}"}
        try:
            sent = self._client.upload("cases", {"leg.png": picture.getvalue()}, **fields)
        except SmokeFailure:
            return ""
        return str(sent["id"])

    def is_read(self, case: str) -> bool:
        try:
            return self._client.get(f"cases/{case}")["state"] == "predicted"
        except SmokeFailure:
            return False

    def leaders(self) -> dict[str, psutil.Process]:
        """Name → the process that the run started; PostgreSQL's is its postmaster."""
        pid = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        found = {"PostgreSQL": psutil.Process(pid)}
        seen = processes_of(self._folder)
        for name, word in WORDS.items():
            members = {each.pid: each for each in seen if word in " ".join(each.command)}
            (found[name],) = (
                each.process for each in members.values() if each.process.ppid() not in members
            )
        return found


def test_each_process_that_is_killed_comes_back_and_nothing_is_lost(start, folder, whole_form):
    port = free_port()
    site = Site(start(port), folder, port)
    for name in ("PostgreSQL", *WORDS) if whole_form else SOME:
        before = site.leaders()
        case = wait_until(site.send, 30, "an upload")
        before[name].send_signal(signal.SIGKILL)
        wait_until(lambda name=name: f"{name} was started again." in site.process.output, 60, name)
        wait_until(lambda case=case: site.is_read(case), 60, f"the reading of what {name} cut off")
        after = site.leaders()
        assert {each for each in after if after[each] != before[each]} == {name}
    last = wait_until(site.send, 30, "an upload")
    wait_until(lambda: site.is_read(last) and site.works(), 60, "the site's health")
    site.process.popen.send_signal(signal.SIGTERM)
    assert site.process.popen.wait(60) == 128 + signal.SIGTERM
    assert processes_of(folder) == []


@pytest.mark.whole
def test_a_process_that_always_fails_ends_the_run_with_a_sentence(start, folder):
    """In ``test_supervisor`` with shorter pauses. Only the worker of inference looks for its device."""
    site = start(free_port(), INFERENCE_DEVICE="cuda")
    assert site.popen.wait(180) == 1
    assert "worker-inference ended with status 1. It was started again 5 times" in site.output
    assert site.output.rstrip().endswith("The engine 'onnx' doesn't run on 'cuda'. Use 'torch'.")
    assert processes_of(folder) == []
