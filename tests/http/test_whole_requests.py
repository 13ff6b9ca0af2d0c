"""A request that was broken off is no request: over a real socket, cut at every byte that matters."""

import json
from time import monotonic

import pytest

from tests.factories import PASSWORD, make_case, picture_bytes, taken_cases
from tests.http.conftest import BOUNDARY, FORM, SILENT, error, form, part, picture
from triage.models import Case, Review
from triage.states import CaseState
from triage.vocabulary import Priority

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
CASE = form(
    part("site", "north"),
    part("body_part", "WRIST"),
    picture(picture_bytes(1)),
    picture(picture_bytes(2), b'filename="second.png"'),
    part("accession_number", "FIELD-1234567890"),
    part("priority", "stat"),
)
CUTS = {
    "in the first header": CASE.index(b"north") - 10,
    "in the first picture": CASE.index(b"\x89PNG") + 60,
    "between the pictures": CASE.index(b"second.png") - 90,
    "in the second picture's header": CASE.index(b"second.png"),
    "in the second picture": CASE.rindex(b"\x89PNG") + 60,
    "in a field after the pictures": CASE.index(b"FIELD-1234") + 10,
    "behind that field": CASE.index(b"FIELD-1234567890") + 19,
    "before the last boundary": CASE.rindex(b"--" + BOUNDARY.encode()),
    "in the last boundary": len(CASE) - 12,
    "before its last dash": len(CASE) - 3,
}


@pytest.fixture(autouse=True)
def _nothing_is_stored(world):
    yield
    assert not taken_cases().exclude(accession_number__startswith="ACC-").exists()


def test_a_whole_case_is_taken(server):
    whole = CASE.replace(b"FIELD-", b"ACC-")
    answer = server.send("/api/v1/cases", whole, FORM, by_token=True)
    assert answer.status == 201
    case = Case.objects.get(accession_number="ACC-1234567890")
    assert (case.priority, case.images.count()) == (Priority.STAT, 2)


@pytest.mark.parametrize("announced", ["all of it", "what came"])
@pytest.mark.parametrize("where", CUTS)
def test_a_case_sent_over_rest_is_whole_or_refused(server, where, announced):
    length = len(CASE) if announced == "all of it" else None
    answer = server.send("/api/v1/cases", CASE[: CUTS[where]], FORM, length, by_token=True)
    assert answer.status == 400, where
    assert error(answer)["code"] == "broken_off"
    assert "Send it again" in error(answer)["message"]


def test_the_last_two_bytes_are_missed_too(server):
    answer = server.send("/api/v1/cases", CASE[:-2], FORM, len(CASE), by_token=True)
    assert (answer.status, error(answer)["code"]) == (400, "broken_off")


@pytest.mark.parametrize("announced", ["all of it", "what came"])
@pytest.mark.parametrize("where", CUTS)
def test_a_case_sent_by_the_page_is_whole_or_refused(world, server, where, announced):
    if "sessionid" not in server.cookies:
        server.sign_in(world.people.clinician.email)
    token = part("csrfmiddlewaretoken", server.cookies["csrftoken"])
    fields = part("grouping", "one")
    length = len(token + fields + CASE) if announced == "all of it" else None
    body = token + fields + CASE[: CUTS[where]]
    answer = server.send("/cases/new/", body, FORM, length)
    assert answer.status == 400, where
    assert b"broken off" in answer.body
    assert b"<h1" in answer.body


def test_a_large_picture_is_counted_too(server):
    """Beyond what is read at once the body is read by the view, with the same counting."""
    large = form(part("site", "north"), part("body_part", "WRIST"), picture(bytes(4_000_000)))
    for body, length in ((large[:-40], len(large)), (large[:3_000_000], None)):
        answer = server.send("/api/v1/cases", body, FORM, length, by_token=True)
        assert (answer.status, error(answer)["code"]) == (400, "broken_off")
    answer = server.send("/api/v1/cases", large, FORM, by_token=True)
    assert error(answer)["code"] == "intake_refused"  # whole, and no picture


@pytest.mark.parametrize(
    ("length", "sent", "code"),
    [
        (len(CASE), CASE[:-40], "too_slow"),
        (5_000_000, CASE[:-40], "too_slow"),
        (None, b"ffff\r\n" + CASE[:200], "too_slow"),
    ],
    ids=["read at once", "read by the view", "in chunks"],
)
def test_a_line_that_fell_silent_holds_no_thread(server, length, sent, code):
    """Nobody hung up: a telephone lost its network."""
    measure = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    headers = (f"Content-Type: {FORM}", measure, "Connection: close")
    begun = monotonic()
    answer = server.request("/api/v1/cases", sent, *headers, by_token=True, hang_up=False)
    assert SILENT - 0.5 < monotonic() - begun < SILENT + 10
    assert error(answer)["code"] == code


def test_json_is_whole_or_refused(world, server):
    body = json.dumps({"email": world.people.clinician.email, "password": PASSWORD}).encode()
    # What came is good JSON in the second: only the length shows it.
    for sent, announced in ((body[:-5], len(body)), (body, len(body) + 10)):
        answer = server.send("/api/v1/auth/login", sent, JSON, announced)
        assert (answer.status, error(answer)["code"]) == (400, "broken_off")
    case = make_case(world.site, world.people.clinician)
    path = f"/api/v1/cases/{case.pk}/withdraw"
    sent = b'{"reason": "Wrong patient"}'
    answer = server.send(path, sent, JSON, len(sent) + 1, by_token=True)
    assert (answer.status, error(answer)["code"]) == (400, "broken_off")
    claimed = server.send(f"/api/v1/cases/{case.pk}/claim", b"", JSON, 2, by_token=True)
    assert (claimed.status, error(claimed)["code"]) == (400, "broken_off")
    case.refresh_from_db()
    assert (case.state, case.claimed_by) == (CaseState.PREDICTED, None)


def test_a_form_of_a_page_is_whole_or_refused(world, server):
    case = make_case(world.site, world.people.clinician)
    server.sign_in(world.people.reviewer.email)
    token = server.cookies["csrftoken"]
    body = f"csrfmiddlewaretoken={token}&fracture=none&comment=No fracture. But look"
    answer = server.send(f"/cases/{case.pk}/review/", body.encode(), URLENCODED, len(body) + 30)
    assert answer.status == 400
    assert b"broken off" in answer.body
    assert not Review.objects.exists()
    del server.cookies["sessionid"]


def test_sign_in_is_whole_or_refused(world, server):
    server.request("/accounts/login/", b"", method="GET")
    body = f"csrfmiddlewaretoken={server.cookies['csrftoken']}&login=a@example.org&password=cor"
    answer = server.send("/accounts/login/", body.encode(), URLENCODED, len(body) + 8)
    assert answer.status == 400
    assert b"broken off" in answer.body


def chunked(body: bytes, size: int = 50) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


CHUNKS = "Transfer-Encoding: chunked"


def test_a_body_in_chunks_is_taken_whole(world, server):
    body = chunked(CASE.replace(b"FIELD-", b"ACC-2"))
    answer = server.request("/api/v1/cases", body, f"Content-Type: {FORM}", CHUNKS, by_token=True)
    assert answer.status == 201
    assert json.loads(answer.body)["accession_number"] == "ACC-21234567890"
    email = world.people.clinician.email
    login = chunked(json.dumps({"email": email, "password": PASSWORD}).encode())
    answer = server.request("/api/v1/auth/login", login, f"Content-Type: {JSON}", CHUNKS)
    assert answer.status == 200


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("cut", [1, 3, 5, 7, 60, 200])
def test_a_body_in_chunks_that_is_cut_off_is_refused(world, server, cut, large):
    filler = picture(bytes(3_000_000)) if large else b""
    body = chunked(form(filler, CASE[: -len(form())]), 70_000 if large else 50)[:-cut]
    answer = server.request("/api/v1/cases", body, f"Content-Type: {FORM}", CHUNKS, by_token=True)
    assert (answer.status, error(answer)["code"]) == (400, "broken_off")


def test_a_form_in_chunks_without_its_last_boundary_is_refused(server):
    body = chunked(CASE[: -len(form())])
    answer = server.request("/api/v1/cases", body, f"Content-Type: {FORM}", CHUNKS, by_token=True)
    assert (answer.status, error(answer)["code"]) == (400, "broken_off")


def test_a_large_body_in_chunks_is_streamed(server):
    large = form(part("site", "north"), part("body_part", "WRIST"), picture(bytes(6_000_000)))
    body = chunked(large, 100_000)
    answer = server.request("/api/v1/cases", body, f"Content-Type: {FORM}", CHUNKS, by_token=True)
    assert error(answer)["code"] == "intake_refused"  # whole, and no picture


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/cases/new/", "/accounts/login/"])
def test_a_body_in_chunks_has_the_same_limits(server, path):
    """A stranger sends no more of it than of a body with a length."""
    server.cookies.pop("sessionid", None)
    body = chunked(b'{"email": "' + b"x" * 4_000_000, 100_000)
    answer = server.request(path, body, f"Content-Type: {JSON}", CHUNKS)
    assert answer.status == 413
    assert b"larger than this address accepts" in answer.body


def test_the_answer_names_the_missing_length_of_a_form(server):
    headers = (f"Content-Type: {FORM}", "Connection: close")
    answer = server.request("/api/v1/cases", CASE, *headers, by_token=True)
    assert (answer.status, error(answer)["code"]) == (411, "length_required")


@pytest.mark.parametrize(
    "lengths",
    [("-1",), ("12x",), ("1e3",), ("٣",), ("",), ("10", "2000"), ("9" * 5000,)],
    ids=["negative", "garbage", "exponent", "other digits", "empty", "two", "huge"],
)
def test_a_length_that_is_none_is_400(server, lengths):
    headers = [f"Content-Length: {length}" for length in lengths]
    answer = server.request("/api/v1/cases", CASE, f"Content-Type: {FORM}", *headers, by_token=True)
    assert answer.status in (400, 411, 413, 431)
