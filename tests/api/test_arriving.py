"""An upload answers with the decision, or that the case is arriving; a refused case stays with its sender."""

import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse

from tests.api.conftest import png
from tests.factories import make_case, stored_files
from triage.http.prefer import preferred_wait
from triage.intake import waiting
from triage.intake.decision import conclude
from triage.intake.worker import decode_until_empty
from triage.models import Case, DecodeJob
from triage.reasons import JobError
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")
CASES = "/api/v1/cases"
JSON = {"data": {}, "content_type": "application/json"}


def send(client, site, *files, **headers):
    body = {"site": site.slug, "body_part": "WRIST", "images": list(files)}
    return client.post(CASES, body, headers=headers)


def letter(name="letter.png"):
    return SimpleUploadedFile(name, b"Dear colleague")


@pytest.fixture
def client(people, signed_in):
    return signed_in(people.clinician)


@pytest.mark.parametrize(
    ("header", "waits", "applied"),
    [
        ("", 10, ""),
        ("wait=0", 0, "wait=0"),
        ("wait=7", 7, "wait=7"),
        ("wait=600", 30, "wait=30"),
        ('handling=lenient, Wait="5"; x=1', 5, "wait=5"),
        ("wait=2, wait=9", 2, "wait=2"),
        ("respond-async", 0, "respond-async"),
        ("respond-async, wait=3", 3, "wait=3"),
        ("wait=-1", 10, ""),
        ("wait=soon", 10, ""),
    ],
)
def test_how_long_a_request_wants_to_wait(header, waits, applied):
    request = HttpRequest()
    request.META["HTTP_PREFER"] = header
    assert preferred_wait(request) == (waits, applied)


def test_without_waiting_the_case_is_arriving_and_its_address_says_what_becomes_of_it(client, site):
    answer = send(client, site, png(), prefer="wait=0")
    assert (answer.status_code, answer["Preference-Applied"]) == (202, "wait=0")
    assert answer["Retry-After"] == "1"
    body = answer.json()
    assert (body["state"], body["refusal"], body["images"]) == ("arriving", None, [])
    assert not any(action["allowed"] for action in body["actions"])
    arriving = client.get(f"{CASES}?state=arriving").json()["results"]
    assert [case["id"] for case in arriving] == [body["id"]]
    decode_until_empty()
    body = client.get(answer["Location"]).json()
    assert (body["state"], body["image_count"]) == ("received", 1)
    assert client.get(f"{CASES}?state=arriving").json()["results"] == []


def test_while_too_many_wait_the_others_are_not_kept(client, site, monkeypatch):
    """The threads of the process are needed to answer."""

    class Full:
        def acquire(self, blocking):
            return False

    monkeypatch.setattr(waiting, "_places", Full)
    assert send(client, site, png()).status_code == 202


def test_what_the_answer_refuses_counts_as_seen(client, site):
    answer = send(client, site, png(), letter(), letter("b.png"))
    assert answer.status_code == 400
    (same,) = [file for file in answer.json()["error"]["files"] if file["position"] == 3]
    assert (same["file"], same["code"]) == ("b.png", "same_file_twice")
    assert Case.objects.get().state == CaseState.REFUSED
    assert client.get(f"{CASES}?state=refused").json()["results"] == []
    assert client.get(CASES).json()["results"] == []


def test_what_was_not_told_stays_with_its_sender(client, site, monkeypatch):
    """The line broke while the request waited: its own retry gets the reasons, and so does the list."""
    gone, other_end = socket.socketpair()
    other_end.close()
    client.defaults["gunicorn.socket"] = gone
    with gone:
        key = {"Idempotency-Key": "k1"}
        assert send(client, site, letter(), **key).status_code == 400
        (listed,) = client.get(f"{CASES}?state=refused").json()["results"]
    line, other_end = socket.socketpair()
    client.defaults["gunicorn.socket"] = line
    with line, other_end:
        again = send(client, site, letter(), **key)
        assert (again.status_code, again["Idempotent-Replayed"]) == (400, "true")
        assert [file["code"] for file in again.json()["error"]["files"]] == ["not_an_image"]
        assert client.get(f"{CASES}?state=refused").json()["results"] == []
        assert str(Case.objects.get().pk) == listed["id"]


def test_an_answer_that_was_not_written_tells_nothing(client, site, monkeypatch):
    def broken(response):
        try:
            raise BrokenPipeError
        finally:
            real(response)

    real = HttpResponse.close
    with monkeypatch.context() as patch, pytest.raises(BrokenPipeError):
        patch.setattr(HttpResponse, "close", broken)
        send(client, site, letter())
    assert len(client.get(f"{CASES}?state=refused").json()["results"]) == 1


def test_what_is_refused_later_stays_with_its_sender_until_they_dismiss_it(
    client, site, people, signed_in
):
    location = send(client, site, png(), letter(), prefer="respond-async")["Location"]
    decode_until_empty()
    (listed,) = client.get(f"{CASES}?state=refused").json()["results"]
    body = client.get(location).json()
    assert (listed["id"], listed["state"]) == (body["id"], "refused")
    assert body["refusal"]["code"] == "intake_refused"
    (file,) = body["refusal"]["files"]
    assert (file["position"], file["file"], file["code"]) == (2, "letter.png", "not_an_image")
    assert "letter.png" in file["reason"]
    dismissal = f"{CASES}/{body['id']}/dismissal"
    for stranger in (people.clinician2, people.reviewer, people.stranger, people.admin):
        other = signed_in(stranger)
        assert other.get(location).status_code == 404
        assert other.post(dismissal, **JSON).status_code == 404
        assert other.get(f"{CASES}?state=refused").json()["results"] == []
    assert client.post(dismissal, **JSON).status_code == 200
    assert client.post(dismissal, **JSON).status_code == 200  # again is no error
    assert client.get(f"{CASES}?state=refused").json()["results"] == []
    assert client.get(location).json()["state"] == "refused"


def test_without_a_key_a_refused_case_is_sent_again_as_a_new_one(client, site, monkeypatch):
    """A fault here refused it, and its sentence says to send it again: within the minute, too."""

    def fail_the_file(seconds):
        (job,) = DecodeJob.objects.all()
        DecodeJob.objects.update(state=JobState.FAILED, error=JobError.WORKER_LOST)
        conclude(job.case_id)

    with monkeypatch.context() as patch:
        patch.setattr(waiting, "wait_a_moment", fail_the_file)
        refused = send(client, site, png())
        assert refused.json()["error"]["files"][0]["code"] == "not_decoded"
    again = send(client, site, png())
    assert (again.status_code, again.json()["already_sent"]) == (201, False)
    assert Case.objects.count() == 2


def test_the_refused_ones_come_in_pages(client, site, people, monkeypatch):
    monkeypatch.setattr("triage.api.pagination.SIZE", 2)
    made = [str(make_case(site, people.clinician, CaseState.REFUSED).pk) for _ in range(5)]
    make_case(site, people.service, CaseState.REFUSED)
    seen, address = [], f"{CASES}?state=refused"
    while address:
        page = client.get(address).json()
        seen += [case["id"] for case in page["results"]]
        address = page["next"]
    assert seen == made[::-1]
    assert client.get(f"{CASES}?state=reviewed").status_code == 400


def test_a_full_queue_is_503_and_nothing_is_kept(client, site, settings, storage):
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "max_waiting_files": 0}
    assert send(client, site, png(), prefer="wait=0").status_code == 202
    answer = send(client, site, png("b.png", 2))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "intake_busy")
    assert int(answer["Retry-After"]) >= 1
    assert Case.objects.count() == 1
    assert len(stored_files(storage)) == 1  # of the first, which waits
