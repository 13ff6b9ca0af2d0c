"""Sixteen senders at once are all served, by processes that stay small."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from knox.models import AuthToken

from tests.conftest import empty_all_tables
from tests.factories import make_people, make_site
from tests.http.conftest import FORM, Server, form, part, picture
from tests.processes import WEB, answers, free_port, processes, wait_until

SENDERS, EACH = 16, 6
# Refused for a field once all of it has come, so that no worker is needed.
CASE = form(part("site", "north"), part("body_part", "TAIL"), picture(bytes(6_000_000)))


@pytest.fixture
def web(django_db_setup, django_db_blocker, tmp_path):
    """Two processes, as on a small machine, with the usual number of threads; and the id of the first."""
    with django_db_blocker.unblock(), processes(tmp_path) as start:
        site = make_site("North Clinic", "north")
        people = make_people(site, make_site("South Clinic", "south"))
        port = free_port()
        process = start("web", *WEB, PORT=str(port), WEB_WORKERS="2", VAR_DIR=str(tmp_path / "var"))
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the site's start")
        yield Server(port, AuthToken.objects.create(people.clinician)[1]), process.popen.pid
        empty_all_tables()


def megabytes(pid: int) -> list[int]:
    """Resident memory of each child of gunicorn's master."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    statuses = [Path(f"/proc/{child}/status").read_text() for child in children]
    return [int(status.split("VmRSS:")[1].split()[0]) // 1024 for status in statuses]


def test_sixteen_senders_at_once_are_all_served(web):
    server, pid = web

    def send(_number: int) -> int:
        return server.send("/api/v1/cases", CASE, FORM, by_token=True).status

    with ThreadPoolExecutor(SENDERS) as pool:
        found = Counter(pool.map(send, range(SENDERS * EACH)))
    assert found == {400: SENDERS * EACH}
    used = megabytes(pid)
    print(f"web processes: {used} MB")
    assert max(used) <= 150  # what a web process may take; 109 to 139 were seen after 288 films
