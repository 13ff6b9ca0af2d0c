"""The web process is killed while a case arrives: it is received once, with its files, or was never sent."""

import signal
import socket
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db.models import Count

from accounts.models import AuditEntry
from tests.chaos.test_nothing_is_lost import sign_in
from tests.factories import picture_bytes
from tests.http.conftest import FORM, form, part, picture
from tests.processes import INTAKE, WEB, answers, free_port, wait_until
from triage.intake import orphans
from triage.intake.named_files import named_files
from triage.intake.sweep import sweep_arrivals
from triage.models import Case, Image
from triage.states import CaseState

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]


def all_received():
    """Sweeps as beat would, and looks."""
    sweep_arrivals()
    return not Case.objects.exclude(state=CaseState.RECEIVED).exists()


def assert_each_once(cases):
    verbs = AuditEntry.objects.filter(verb="case.received").values("subject_id")
    assert {row["times"] for row in verbs.annotate(times=Count("pk"))} == {1}
    assert verbs.count() == len(cases)
    images = Image.objects.values("case").annotate(files=Count("pk"))
    assert [row["files"] for row in images] == [2] * len(cases)
    for image in Image.objects.all():
        for name in (image.original, image.rendition, image.display, image.thumbnail):
            assert default_storage.size(name.name) > 0


def assert_no_orphan(monkeypatch):
    """What a killed process left is found by the sweep, a day later; nothing else is."""
    monkeypatch.setattr(orphans, "OLD_ENOUGH", timedelta(days=-1))
    orphans.sweep_orphans()
    stored = {f"arrived/{name}" for name in files_below("")}
    assert stored == named_files([name for name in stored if name.endswith("/original")])


def files_below(folder):
    folders, files = default_storage.listdir(f"arrived/{folder}")
    for inside in folders:
        yield from files_below(f"{folder}{inside}/")
    yield from (f"{folder}{name}" for name in files)


def test_a_web_process_killed_while_its_request_waits_loses_no_case(sender, start, monkeypatch):
    """The case is durable before the answer: its sender finds it, although they got none."""
    port = free_port()
    web = start("web", *WEB, PORT=str(port), WEB_WORKERS="1")
    wait_until(
        lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the web server's start"
    )
    token = sign_in(f"http://127.0.0.1:{port}", sender.email)
    body = form(
        part("site", "north"),
        part("body_part", "WRIST"),
        picture(picture_bytes(1)),
        picture(picture_bytes(2), b'filename="two.png"'),
    )
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
    head += f"Content-Length: {len(body)}\r\nAuthorization: Token {token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(head.encode() + body)
        wait_until(Case.objects.exists, 30, "the durable accept")
        web.kill(signal.SIGKILL)
        assert line.recv(100) == b""  # no answer
    assert Case.objects.get().state == CaseState.ARRIVING
    start("intake", *INTAKE)
    wait_until(all_received, 60, "the end of the arrival")
    assert_each_once([Case.objects.get()])
    assert_no_orphan(monkeypatch)


def test_a_web_process_killed_in_the_middle_of_a_file_leaves_no_case(sender, start, monkeypatch):
    port = free_port()
    web = start("web", *WEB, PORT=str(port), WEB_WORKERS="1")
    wait_until(
        lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the web server's start"
    )
    token = sign_in(f"http://127.0.0.1:{port}", sender.email)
    body = form(part("site", "north"), part("body_part", "WRIST"), picture(b"x" * 3_000_000))
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
    head += f"Content-Length: {len(body)}\r\nAuthorization: Token {token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(head.encode() + body[:2_000_000])
        wait_until(lambda: default_storage.exists("arrived"), 30, "the first bytes")
        web.kill(signal.SIGKILL)
    assert not Case.objects.exists()
    assert_no_orphan(monkeypatch)
