"""A full disk and a database that is away: a sentence, a time to come back, and nothing left behind."""

import os
import resource
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from tests.api.conftest import png
from tests.concurrency.meeting import another_session
from tests.factories import make_people, make_release, make_site
from tests.processes import WEB, answers, free_port, processes, wait_until
from triage.intake.room import has_room
from triage.models import Case

pytestmark = pytest.mark.usefixtures("storage")


@contextmanager
def no_file_above(size: int):
    """The operating system refuses the byte after ``size``, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=["api_cases", "upload"])
def send(request, people, client):
    client.force_login(people.clinician)

    def post(*files):
        fields = {"site": "north", "body_part": "WRIST", "images": list(files)}
        return client.post(reverse(request.param), fields)

    return post


def files_in(storage):
    return [path for path in storage.rglob("*") if path.is_file()]


def test_a_disk_that_becomes_full_in_the_middle_keeps_nothing(send, storage):
    with no_file_above(300_000):
        answer = send(png(), SimpleUploadedFile("large.dcm", os.urandom(1_000_000)))
    assert answer.status_code == 507
    assert "The disk of this site is full, so nothing was stored" in answer.content.decode()
    assert answer["Retry-After"] == "60"
    assert files_in(storage) == []
    assert not Case.objects.exists()
    assert send(png()).status_code in (200, 201)  # once there is room again


def test_a_full_disk_is_said_where_the_csrf_check_reads_the_form(people, storage):
    """Before any view, and before anything that answers what a view raises."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(people.clinician)
    client.get(reverse("upload"))  # the cookie, without which the form isn't read
    fields = {"images": SimpleUploadedFile("large.dcm", os.urandom(1_000_000))}
    with no_file_above(300_000):
        assert client.post(reverse("upload"), fields).status_code == 507
    assert files_in(storage) == []


def test_nothing_is_taken_where_too_little_stays_free(send, storage, settings, client):
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "free_bytes": 2**60}
    answer = send(png())
    assert answer.status_code == 503
    assert "almost full" in answer.content.decode()
    assert answer["Retry-After"] == "60"
    assert not storage.exists()
    ready = client.get("/healthz/ready").json()
    assert (ready["storage"], has_room()) == ("full", False)


def test_ready_says_that_there_is_room(db, client):
    assert client.get("/healthz/ready").json()["storage"] == "ok"


# --- The database -----------------------------------------------------------------------------


def test_a_database_that_goes_away_in_the_middle_is_said(committed_db, storage):
    people = make_people(make_site("North", "north"), make_site("South", "south"))
    make_release()
    token = AuthToken.objects.create(people.clinician)[1]
    client = Client(
        headers={"Authorization": f"Token {token}", "Idempotency-Key": "one"},
        raise_request_exception=False,
    )

    def send():
        fields = {"site": "north", "body_part": "WRIST", "images": [png()]}
        return client.post(reverse("api_cases"), fields)

    def end_the_connection(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "triage_case"'):
            mine = connection.connection.info.backend_pid
            with another_session() as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end_the_connection):
        answer = send()
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "database_away"
    assert answer["Retry-After"] == "5"
    assert "Look first if what you sent is there" in answer.json()["error"]["message"]
    assert len(files_in(storage)) == 1  # nobody knows whether a row was committed that names it
    connection.close()
    assert (send().status_code, Case.objects.count()) == (201, 1)


@pytest.fixture(scope="module")
def site_without_a_database(tmp_path_factory):
    with processes(tmp_path_factory.mktemp("web")) as start:
        port = free_port()
        nowhere = f"postgresql://callus_app@127.0.0.1:{free_port()}/callus"
        start("web", *WEB, PORT=str(port), DATABASE_URL=nowhere, WEB_WORKERS="1")
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz/live"), 60, "the start")
        yield port


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"Cookie": "sessionid=" + "x" * 32}),
        ("/cases/new/", {"Cookie": "sessionid=" + "x" * 32}),
        ("/api/v1/cases", {"Authorization": "Token " + "0" * 64}),
        ("/api/v1/me", {"Cookie": "sessionid=" + "x" * 32}),
    ],
)
def test_without_a_database_every_address_says_when_to_come_back(
    site_without_a_database, path, headers
):
    with closing(HTTPConnection("127.0.0.1", site_without_a_database, timeout=30)) as line:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        text = answer.read().decode()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "database can" in text
    assert ("database_away" in text) == path.startswith("/api/")
