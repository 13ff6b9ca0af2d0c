"""What serves pages needs no engine: neither in its installation nor, after real requests, in its memory."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from django.urls import reverse
from knox.models import AuthToken

from tests.factories import make_case, make_people, make_site, picture_bytes, usable_release
from tests.http.conftest import FORM, Server, form, part, picture
from tests.pictures import dicom
from tests.processes import REPOSITORY, answers, free_port, processes, wait_until
from triage.models import Case, Image, Job
from triage.states import CaseState

ENGINES = ("torch", "torchvision", "timm", "onnxruntime", "safetensors", "scipy")
COMMANDS = {
    "web": ("gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"),
    "intake": ("celery", "-A", "config.celery", "worker", "-Q", "intake", "--concurrency", "1"),
    "default": ("celery", "-A", "config.celery", "worker", "-Q", "default", "--pool", "solo"),
}


@pytest.fixture
def programs(request, web_install) -> Path:
    """The web's own installation, or this one, which has everything."""
    return {"web": web_install, "whole site": Path(sys.executable).parent}[request.param]


both = pytest.mark.parametrize("programs", ["web", "whole site"], indirect=True)


@pytest.fixture
def start(tmp_path, settings) -> Iterator[Callable]:
    with processes(tmp_path) as starter:
        yield lambda name, *command, **environment: starter(
            name, *command, VAR_DIR=str(settings.VAR_DIR), **environment
        )


@pytest.fixture
def world(committed_db) -> SimpleNamespace:
    """A case in which a fracture is suspected, and who reads there."""
    usable_release()
    site = make_site("North Clinic", "north")
    people = make_people(site, make_site())
    case = make_case(site, people.clinician)
    return SimpleNamespace(site=site, people=people, case=case)


def test_an_installation_of_the_web_has_no_engine(web_install):
    look = "from importlib.util import find_spec as f; import sys; print(*map(f, sys.argv[1:]))"
    done = subprocess.run(
        [web_install / "python", "-c", look, *ENGINES], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {"None"}


def test_every_command_of_manage_loads_in_an_installation_of_the_web(web_install):
    load = (
        "import django; django.setup();"
        "from django.core.management import get_commands, load_command_class as load;"
        "print(len([load(app, name) for name, app in get_commands().items()]))"
    )
    done = subprocess.run(
        [web_install / "python", "-W", "error", "-c", load],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


@both
def test_pages_and_an_upload_need_no_engine_and_load_none(programs, world, start):
    port = free_port()
    options = {"PORT": str(port), "WEB_WORKERS": "1"}
    web = start("web", str(programs / "gunicorn"), *COMMANDS["web"][1:], **options)
    intake = start("intake", str(programs / "celery"), *COMMANDS["intake"][1:])
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the site's start")
    server = Server(port, AuthToken.objects.create(world.people.clinician)[1])
    server.sign_in(world.people.clinician.email)

    image = Image.objects.get(case=world.case)
    prediction = image.predictions.get()
    paths = (
        *(reverse("worklist"), reverse("upload"), reverse("case", args=[world.case.pk])),
        *(reverse("image", args=[image.pk, size]) for size in ("thumbnail", "display")),
        reverse("activation_map", args=[prediction.pk, "top"]),
    )
    assert [server.request(path, b"", method="GET").status for path in paths] == [200] * len(paths)

    fields = (part("site", "north"), part("body_part", "WRIST"))
    sent = form(*fields, picture(picture_bytes(1)), part("csrfmiddlewaretoken", csrf(server)))
    assert server.send(reverse("upload"), sent, FORM).status == 200, web.output
    sent = form(*fields, picture(dicom(), b'filename="wrist.dcm"'))
    answer = server.send(reverse("api_cases"), sent, FORM, by_token=True)
    assert answer.status == 201, web.output + intake.output
    assert Case.objects.filter(state=CaseState.RECEIVED).count() == 2

    mapped = libraries(web.popen.pid)
    assert any("psycopg" in path for path in mapped), "these are the maps of the site"
    assert engines(mapped) == set()
    assert engines(libraries(intake.popen.pid)) == set(), "with its decoder and what that forks"


def test_the_other_queue_s_worker_and_beat_need_no_engine(web_install, world, start, tmp_path):
    """The worker sweeps: a case that came while no release was active is queued."""
    waiting = make_case(world.site, world.people.clinician, CaseState.RECEIVED)
    Job.objects.filter(image__case=waiting).delete()
    worker = start("default", str(web_install / "celery"), *COMMANDS["default"][1:])
    beat = ("celery", "-A", "config.celery", "beat", "--schedule", str(tmp_path / "schedule"))
    start("beat", str(web_install / beat[0]), *beat[1:])
    wait_until(Job.objects.filter(image__case=waiting).exists, 60, "the sweep")
    assert engines(libraries(worker.popen.pid)) == set()


def test_the_maps_of_a_process_with_an_engine_show_it(committed_db, start):
    """Else the tests above would see nothing in any process."""
    load = "import torch, onnxruntime, scipy.ndimage, time; print('loaded'); time.sleep(60)"
    process = start("engine", sys.executable, "-u", "-c", load)
    wait_until(lambda: "loaded" in process.output, 60, "the engines' loading")
    assert engines(libraries(process.popen.pid)) >= {"torch", "onnxruntime", "scipy"}


def csrf(server: Server) -> str:
    page = server.request(reverse("upload"), b"", method="GET").body.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


def libraries(pid: int) -> set[str]:
    """The files that a process and its children have mapped into their memory."""
    if not Path("/proc/self").is_dir():
        pytest.skip("This system has no /proc, which shows a process's memory maps.")
    leader = psutil.Process(pid)
    maps = [
        Path(f"/proc/{process.pid}/maps").read_text()
        for process in (leader, *leader.children(recursive=True))
    ]
    return {line.split(maxsplit=5)[5] for line in "\n".join(maps).splitlines() if "/" in line}


def engines(mapped: set[str]) -> set[str]:
    folders = {part for path in mapped for part in Path(path).parts}
    return folders & set(ENGINES)
