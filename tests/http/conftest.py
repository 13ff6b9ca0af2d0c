"""gunicorn on a socket that a test writes to by the byte, and forms made by hand."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from knox.models import AuthToken

from tests.conftest import empty_all_tables
from tests.factories import PASSWORD, make_case, make_people, make_site
from tests.processes import INTAKE, WEB, answers, free_port, processes, wait_until

BOUNDARY = "----CallusTest7MA4YWxkTrZu0gW"
SILENT = 3  # seconds
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, value: bytes | str, *more: bytes) -> bytes:
    """A part of a form; ``more`` stands behind the name in its header."""
    disposition = b"; ".join([b'Content-Disposition: form-data; name="%b"' % name.encode(), *more])
    text = value.encode() if isinstance(value, str) else value
    return b"--%b\r\n%b\r\n\r\n%b\r\n" % (BOUNDARY.encode(), disposition, text)


def picture(data: bytes, file_name: bytes = b'filename="wrist.png"') -> bytes:
    return part("images", data, file_name)


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--%b--\r\n" % BOUNDARY.encode()


class Server:
    """The running site. ``request`` says everything by hand and, by default, hangs up."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.cookies: dict[str, str] = {}

    def request(
        self,
        path: str,
        body: bytes,
        *headers: str,
        method: str = "POST",
        by_token: bool = False,
        hang_up: bool = True,
    ) -> SimpleNamespace:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers]
        if by_token:
            lines.append(f"Authorization: Token {self.token}")
        else:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            if hang_up:
                line.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        head, _, content = answer.partition(b"\r\n\r\n")
        self.cookies |= dict(re.findall(r"(?im)^set-cookie: (\w+)=([^;]*)", head.decode()))
        return SimpleNamespace(status=int(head.split()[1]), head=head.decode(), body=content)

    def send(
        self, path: str, body: bytes, kind: str, announced: int | None = None, **options: bool
    ) -> SimpleNamespace:
        length = len(body) if announced is None else announced
        return self.request(
            path, body, f"Content-Type: {kind}", f"Content-Length: {length}", **options
        )

    def sign_in(self, email: str) -> None:
        self.request("/accounts/login/", b"", method="GET")
        body = f"login={email}&password={PASSWORD}&csrfmiddlewaretoken={self.cookies['csrftoken']}"
        answer = self.send("/accounts/login/", body.encode(), "application/x-www-form-urlencoded")
        assert answer.status == 302, answer.body


def error(answer: SimpleNamespace) -> dict:
    """The one error of an answer of the API."""
    return json.loads(answer.body)["error"]


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """Once a file: what these tests send is refused, so that they don't get into each other's way."""
    from django.conf import settings

    with django_db_blocker.unblock(), processes(tmp_path_factory.mktemp("web")) as start:
        site = make_site("North Clinic", "north")
        people = make_people(site, make_site("South Clinic", "south"))
        port = free_port()
        options = {"WEB_WORKERS": "1", "UPLOAD_SILENT_SECONDS": str(SILENT)}
        start("intake", *INTAKE, VAR_DIR=str(settings.VAR_DIR))
        start("web", *WEB, PORT=str(port), VAR_DIR=str(settings.VAR_DIR), **options)
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the site's start")
        server = Server(port, AuthToken.objects.create(people.clinician)[1])
        yield SimpleNamespace(server=server, site=site, people=people)
        empty_all_tables()


@pytest.fixture
def server(world: SimpleNamespace) -> Server:
    return world.server


@pytest.fixture
def open_case(world: SimpleNamespace) -> Callable[[], object]:
    return lambda: make_case(world.site, world.people.clinician)
