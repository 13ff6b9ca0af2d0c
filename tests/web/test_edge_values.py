"""No value in an address is too odd: each is taken or refused with a sentence, none breaks the server."""

import base64
import json
from uuid import uuid4

import pytest
from django.test import Client

from tests.factories import make_case
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

ID, TIME = str(uuid4()), "2026-01-31T12:00:00+00:00"
TIMES = (
    *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+00:00", "0001-01-01", "0000-00-00"),
    *("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999+00:00", "9999-12-31"),
    *("2026-01-31T12:00:00+23:59", "2026-01-31T12:00:00-16:00", "2026-01-31T12:00:00"),
    *("2026-01-31T12:00:00+00:00:00.5", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("294277-01-01", "infinity", "-infinity", "epoch", "now", "", " ", "\0", "\ud800"),
    *(0, 1e300, 10**400, -1, True, None, [], {}, float("inf"), float("nan")),
)
NUMBERS = (
    *(0, -1, 32767, 32768, -32768, -32769, 2**31, 2**63, 2**64, 10**400, -(10**400)),
    *(0.5, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan")),
    *("0", "nan", "inf", "1e400", "９", "1_0", "x" * 5000, "9" * 5000, "\0", "\ud800"),
    *(True, None, [], {}, [1], {"a": 1}),
)
IDS = (
    *(ID, ID.upper(), ID.replace("-", ""), "{" + ID + "}", f"urn:uuid:{ID}", ID[:-1]),
    *(0, 1, -1, 2**128 - 1, 2**128, 10**400, 0.5, True, None, "", "\0", "\ud800", [], {}),
)
WORDS = ("spiral", "", "\0", "\ud800", "é", "x" * 100_000, 0, 10**400, True, None, [], {"a": 1})

# sort → its key with a hole in it → what is put there
HOLES = [
    ("deadline", lambda odd: [odd, ID], TIMES),
    ("deadline", lambda odd: [TIME, odd], IDS),
    ("waiting", lambda odd: [odd, ID], TIMES),
    ("priority", lambda odd: [odd, TIME, ID], NUMBERS),
    ("priority", lambda odd: [1, odd, ID], TIMES),
    ("confidence", lambda odd: [odd, 0.5, ID], NUMBERS),
    ("confidence", lambda odd: [1, odd, ID], NUMBERS),
    ("class", lambda odd: [1, odd, 0.5, ID], WORDS),
]
CURSORS = [(sort, key(odd)) for sort, key, odd_values in HOLES for odd in odd_values] + [
    ("deadline", each) for each in (None, 0, "x", {}, [], [TIME], [TIME, ID, ID], [[[]], {}])
]
DAYS = (
    *("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31", "10000-01-01", "0000-01-01"),
    *(
        "-0001-01-01",
        "2026-02-30",
        "2026-W01",
        "20260131",
        "infinity",
        "now",
        "\0",
        "２０２６-01-31",
    ),
)
FRACTIONS = ("nan", "inf", "-inf", "1e400", "-0", "1e-400", "0x1", "½", "１", "9" * 5000, "\0", "")
ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "America/Sao_Paulo")
PAGES = ("/", "/worklist/live/", "/api/v1/worklist")


def encoded(key: object, backwards: object = 0) -> str:
    content = [backwards, *key] if isinstance(key, list) else key
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.fixture
def reader(site, people) -> Client:
    """A reader with a case in the list, so that a comparison is really made. A 500 is answered."""
    make_case(site, people.clinician)
    make_case(site, people.clinician, CaseState.REVIEWED)
    client = Client(raise_request_exception=False)
    client.force_login(people.reviewer)
    return client


def refused_or_taken(
    client: Client, addresses: tuple[str, ...], params: dict[str, object]
) -> set[int]:
    found = {client.get(address, params).status_code for address in addresses}
    assert found <= {200, 400}, params
    return found


def test_no_cursor_breaks_a_list(reader):
    for number, (sort, key) in enumerate(CURSORS):
        # One reader of cursors stands behind the three addresses; the times go through all of them.
        addresses = PAGES if sort == "waiting" else PAGES[2:]
        params = {"sort": sort, "cursor": encoded(key, backwards=number % 2)}
        assert len(refused_or_taken(reader, addresses, params)) == 1, "the addresses disagree"


def test_no_cursor_breaks_the_list_of_cases(reader):
    for odd in IDS:
        refused_or_taken(reader, ("/api/v1/cases",), {"cursor": encoded([odd])})


def test_no_cursor_breaks_what_was_found(reader):
    for key in [*([0, odd] for odd in IDS), *([odd, ID] for odd in NUMBERS), *WORDS]:
        body = {"text": "ACC", "cursor": encoded(key)}
        page = reader.post("/worklist/find/", body)
        answer = reader.post("/api/v1/worklist/find", body, content_type="application/json")
        assert {page.status_code, answer.status_code} <= {200, 400}, key


def test_a_cursor_beyond_time_says_to_start_again(reader):
    for odd in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        for address in PAGES:
            answer = reader.get(address, {"cursor": encoded([odd, ID])})
            assert answer.status_code == 400
            assert "Start from the first page" in answer.content.decode()


@pytest.mark.parametrize("zone", ZONES)
def test_no_date_breaks_a_list(reader, zone):
    reader.cookies["tz"] = zone
    for state in ("predicted", "reviewed"):
        for name in ("from", "to"):
            for day in DAYS:
                refused_or_taken(reader, PAGES[1:], {name: day, "state": state})


def test_no_other_filter_breaks_a_list(reader):
    for name in ("confidence_min", "confidence_max"):
        for odd in FRACTIONS:
            refused_or_taken(reader, PAGES[2:], {name: odd})
    for name in ("site", "class", "finding", "state", "priority", "mine", "sort", "order"):
        for odd in ("\0", "\ufffd", "😀", "x" * 4000, "9" * 400, "-1", ID, "٣"):
            refused_or_taken(reader, PAGES[2:], {name: odd})
