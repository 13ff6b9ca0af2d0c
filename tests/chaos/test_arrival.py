"""The web process is killed while a case arrives: it is received once, with its files, or was never sent."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.storage import default_storage

from tests.chaos.outcome import all_decided, assert_no_orphan, assert_received_once
from tests.chaos.test_nothing_is_lost import sign_in
from tests.factories import picture_bytes
from tests.http.conftest import FORM, form, part, picture
from tests.processes import INTAKE, WEB, Process, answers, free_port, wait_until
from triage.models import Case
from triage.states import CaseState

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("committed_db")]


@contextmanager
def sending(start, sender, body: bytes) -> Iterator[tuple[Process, socket.socket]]:
    """A web server, and a line to it on which the head of a request with this body was sent."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    web = start("web", *WEB, PORT=str(port), WEB_WORKERS="1")
    wait_until(lambda: answers(f"{base}/healthz/live"), 60, "the web server's start")
    token = sign_in(base, sender.email)
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
    head += f"Content-Length: {len(body)}\r\nAuthorization: Token {token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(head.encode())
        yield web, line


def test_a_web_process_killed_while_its_request_waits_loses_no_case(sender, start, monkeypatch):
    """The case is durable before the answer: its sender finds it, although they got none."""
    body = form(
        part("site", "north"),
        part("body_part", "WRIST"),
        picture(picture_bytes(1)),
        picture(picture_bytes(2), b'filename="two.png"'),
    )
    with sending(start, sender, body) as (web, line):
        line.sendall(body)
        wait_until(Case.objects.exists, 30, "the durable accept")
        web.kill(signal.SIGKILL)
        assert line.recv(100) == b""  # no answer
    assert Case.objects.get().state == CaseState.ARRIVING
    start("intake", *INTAKE)
    wait_until(all_decided, 60, "the end of the arrival")
    assert_received_once([Case.objects.get()])
    assert_no_orphan(monkeypatch)


def test_a_web_process_killed_in_the_middle_of_a_file_leaves_no_case(sender, start, monkeypatch):
    body = form(part("site", "north"), part("body_part", "WRIST"), picture(b"x" * 3_000_000))
    with sending(start, sender, body) as (web, line):
        line.sendall(body[:2_000_000])
        wait_until(lambda: default_storage.exists("arrived"), 30, "the first bytes")
        web.kill(signal.SIGKILL)
    assert not Case.objects.exists()
    assert_no_orphan(monkeypatch)
