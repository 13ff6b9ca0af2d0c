"""Senders who are slow, silent or many leave the server's threads to the others: over real sockets."""

import contextlib
import json
import socket
import time
from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from knox.models import AuthToken

from tests.conftest import empty_all_tables
from tests.factories import PASSWORD, make_people, make_site, picture_bytes
from tests.http.conftest import FORM, Server, error, form, part, picture
from tests.processes import WEB, answers, free_port, processes, wait_until

SILENT, THREADS, PLACES = 3, 8, 4
CASE = form(part("site", "north"), part("body_part", "TAIL"), picture(picture_bytes(1)))
LARGE = 30_000_000
JSON = "application/json"


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """One process, so that its threads can be counted."""
    from django.conf import settings

    with django_db_blocker.unblock(), processes(tmp_path_factory.mktemp("web")) as start:
        site = make_site("North Clinic", "north")
        people = make_people(site, make_site("South Clinic", "south"))
        port = free_port()
        options = {"WEB_WORKERS": "1", "WEB_THREADS": str(THREADS)}
        options |= {"UPLOAD_SILENT_SECONDS": str(SILENT), "VAR_DIR": str(settings.VAR_DIR)}
        process = start("web", *WEB, PORT=str(port), **options)
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the site's start")
        server = Server(port, AuthToken.objects.create(people.clinician)[1])
        yield SimpleNamespace(
            port=port, people=people, process=process, to=server, send=server.send
        )
        empty_all_tables()


def begin(server, path: str, kind: str, length: int, sent: bytes) -> socket.socket:
    """A connection whose request has begun."""
    return _begin(server, path, kind, f"Content-Length: {length}", sent)


def begin_in_chunks(server, sent: bytes) -> socket.socket:
    return _begin(server, "/api/v1/cases", FORM, "Transfer-Encoding: chunked", chunk(sent))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _begin(server, path: str, kind: str, length: str, sent: bytes) -> socket.socket:
    head = [
        *(f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Content-Type: {kind}"),
        *(length, f"Authorization: Token {server.to.token}"),
    ]
    line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sent)
    return line


def answer_of(line: socket.socket) -> SimpleNamespace:
    with line:
        got = b""
        while b"\r\n\r\n" not in got and (more := line.recv(65536)):
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        while b"}}" not in body and (more := line.recv(65536)):
            body += more
    return SimpleNamespace(status=int(head.split()[1]), head=head.decode(), body=body)


def half(server, large: bool) -> socket.socket:
    if large:
        return begin(server, "/api/v1/cases", FORM, LARGE, CASE[:200])
    return begin(server, "/api/v1/auth/login", JSON, 100, b'{"email": ')


@pytest.mark.parametrize("large", [True, False], ids=["uploads", "small bodies"])
def test_health_and_whole_requests_answer_beside_forty_half_bodies(server, large):
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(half(server, large)) for _ in range(40)]
        began = time.monotonic()
        with urlopen(f"http://127.0.0.1:{server.port}/healthz/live", timeout=10) as health:
            assert health.status == 200
        assert time.monotonic() - began < 2.5
        # Signing in has a body too, which comes with its header.
        body = json.dumps({"email": server.people.clinician.email, "password": PASSWORD}).encode()
        assert server.send("/api/v1/auth/login", body, JSON).status == 200
        # Half of the threads wait for a body, one for a place; the others were answered at once.
        ends = [answer_of(line) for line in lines]
        assert time.monotonic() - began < 10  # eight threads would wait five times for 40 bodies
        refused = [answer for answer in ends if answer.status == 503]
        assert {error(answer)["code"] for answer in refused} == {"too_many_bodies"}
        assert all("Retry-After: 3" in answer.head for answer in refused)
        waited_for = [answer for answer in ends if answer.status != 503]
        assert {(answer.status, error(answer)["code"]) for answer in waited_for} == {
            (408, "too_slow")
        }
        assert (
            PLACES <= len(waited_for) <= 2 * PLACES
        )  # a place was free again for the last of them


def test_a_request_waits_a_moment_for_a_place_and_no_longer(server):
    """One waits, a quarter of the threads less one; the next is refused at once."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(half(server, large=True)) for _ in range(PLACES)]
        time.sleep(0.5)
        began = time.monotonic()
        waits = stack.enter_context(half(server, large=True))
        time.sleep(0.2)
        assert answer_of(half(server, large=True)).status == 503
        assert time.monotonic() - began < 1
        assert answer_of(waits).status == 503
        assert 1.5 < time.monotonic() - began < 3
        for line in held:
            line.close()


def test_a_request_that_waits_is_served_once_a_place_is_free(server):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(half(server, large=True)) for _ in range(PLACES)]
        time.sleep(0.5)
        waits = begin(server, "/api/v1/cases", FORM, len(CASE), CASE[:-1])
        time.sleep(0.5)
        waits.sendall(CASE[-1:])
        held[0].shutdown(socket.SHUT_WR)
        answer = answer_of(waits)
        assert (answer.status, error(answer)["code"]) == (400, "invalid")


@pytest.mark.parametrize("in_chunks", [False, True], ids=["by length", "in chunks"])
def test_a_body_slower_than_a_kilobyte_a_second_is_given_up(server, in_chunks):
    if in_chunks:
        line = begin_in_chunks(server, CASE[:100])
    else:
        line = begin(server, "/api/v1/cases", FORM, LARGE, CASE[:100])
    began = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - began < SILENT + 3:  # never silent, always slow
            line.sendall(chunk(b"x" * 100) if in_chunks else b"x" * 100)
            time.sleep(0.2)
            line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if line.recv(1, socket.MSG_PEEK):
                    break
            line.setblocking(True)
    line.settimeout(10)
    answer = answer_of(line)
    assert SILENT - 0.5 < time.monotonic() - began < SILENT + 3
    assert (answer.status, error(answer)["code"]) == (408, "too_slow")


def test_a_slow_body_above_the_limit_is_taken(server):
    """4 kB/s over 6 s: longer than a single piece may take."""
    body = form(part("site", "north"), part("body_part", "TAIL"), picture(bytes(24_000)))
    line = begin(server, "/api/v1/cases", FORM, len(body), b"")
    for at in range(0, len(body), 1000):
        line.sendall(body[at : at + 1000])
        time.sleep(0.25)
    answer = answer_of(line)
    assert (answer.status, error(answer)["code"]) == (400, "invalid")


def test_a_place_is_given_back_whatever_becomes_of_its_request(server):
    for _ in range(PLACES + 1):
        line = begin(server, "/api/v1/cases", FORM, LARGE, CASE)
        line.shutdown(socket.SHUT_WR)
        assert error(answer_of(line))["code"] == "broken_off"
    assert server.send("/api/v1/cases", CASE, FORM, by_token=True).status == 400
    for _ in range(PLACES + 1):  # refused unread
        head = "Authorization: Token wrong"
        answer = server.to.request(
            "/api/v1/cases", CASE, head, f"Content-Type: {FORM}", f"Content-Length: {LARGE}"
        )
        assert answer.status == 401


def test_a_connection_is_kept_where_the_body_came_late(server):
    """Within a moment after the header, as over a long line."""
    with begin(server, "/api/v1/auth/login", JSON, 2, b"") as line:
        for _ in range(2):
            time.sleep(0.05)
            line.sendall(b"{}")
            got = b""
            while b"}}" not in got:
                got += line.recv(65536) or b"}} the connection was closed"
            assert b"the connection was closed" not in got
            assert got.startswith(b"HTTP/1.1 400")
            line.sendall(
                b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
            )
