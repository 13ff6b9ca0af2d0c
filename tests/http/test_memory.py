"""A web process stays small, however large the files are that go through it."""

import contextlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest
from knox.models import AuthToken

from tests.conftest import empty_all_tables
from tests.factories import make_people, make_site
from tests.http.conftest import FORM, form, part, picture
from tests.http.test_slow_senders import answer_of
from tests.processes import WEB, free_port, processes, wait_until

MB = 1024 * 1024
FILE = 37 * MB


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def memory(pid: int, what: str) -> float:
    """MB that the only child of gunicorn's master has (VmRSS) or had at most (VmHWM)."""
    (child,) = children(pid)
    status = Path(f"/proc/{child}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1024


def has_loaded(pid: int) -> bool:
    """The process listens before it has loaded the site: it is ready when it grows no more."""
    before = memory(pid, "VmRSS")
    time.sleep(1.5)
    return memory(pid, "VmRSS") == before


@pytest.fixture
def web(django_db_setup, django_db_blocker, tmp_path):
    """One process, the token of a sender, and its folder of pictures."""
    with django_db_blocker.unblock(), processes(tmp_path) as start:
        site = make_site("North Clinic", "north")
        people = make_people(site, make_site("South Clinic", "south"))
        port = free_port()
        process = start("web", *WEB, PORT=str(port), WEB_WORKERS="1", VAR_DIR=str(tmp_path / "var"))
        wait_until(lambda: listens(port), 60, "the site's start")
        # The master listens before it forks.
        wait_until(lambda: children(process.popen.pid), 60, "the site's process")
        wait_until(lambda: has_loaded(process.popen.pid), 60, "the site's start")
        yield port, AuthToken.objects.create(people.clinician)[1], process.popen.pid
        empty_all_tables()


def send(port: int, token: str, files: int) -> int:
    """Streams a request from one buffer. Its status: it is refused for a field, once all of it has come."""
    data = bytes(FILE)
    fields = form(part("site", "north"), part("body_part", "TAIL"))[: -len(form())]
    heads = [picture(b"", b'filename="%d.dcm"' % number)[:-2] for number in range(files)]
    length = len(fields) + sum(len(head) + FILE + 2 for head in heads) + len(form())
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM}\r\n"
    head += f"Authorization: Token {token}\r\nContent-Length: {length}\r\n\r\n"
    line = socket.create_connection(("127.0.0.1", port), timeout=120)
    line.sendall(head.encode() + fields)
    for head_of_file in heads:
        line.sendall(head_of_file)
        line.sendall(data)
        line.sendall(b"\r\n")
    line.sendall(form())
    return answer_of(line).status


def test_large_uploads_cost_the_web_process_little(web, tmp_path):
    """Four at once, as many as one process takes; CALLUS_SENT_FILES more files for a longer look."""
    port, token, pid = web
    before = memory(pid, "VmRSS")
    files, statuses = int(os.environ.get("CALLUS_SENT_FILES") or 2), []
    threads = [
        threading.Thread(target=lambda: statuses.append(send(port, token, files))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    peak = memory(pid, "VmHWM")
    print(f"web process: {before:.0f} MB before its first request, {peak:.0f} MB at most")
    assert statuses == [400] * 4
    assert not [path for path in (tmp_path / "var" / "media").rglob("*") if path.is_file()]
    assert peak <= 150
    assert peak - before <= 50
