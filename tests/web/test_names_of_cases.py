"""A case is called by its accession number, its file or a short name, and never by its id."""

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.urls import reverse

from tests.api import test_who_may
from tests.api.conftest import png
from tests.architecture.test_access import TABLE, address
from tests.factories import make_call_back, make_case, make_critical_result, make_reading
from triage.models import Case, Macro
from triage.report.critical_results import notify_due
from triage.report.notices import send_due
from triage.states import CaseState
from triage.web.upload import KEY_FIELD

pytestmark = pytest.mark.usefixtures("storage")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
READ = {"title", "aria-label", "alt", "placeholder", "aria-description", "content"}
ABSENT = (ObjectDoesNotExist, MultipleObjectsReturned)  # a row about what this case doesn't have
LINK = re.compile(r"https?://\S+|(?<![\w.])/\S+")  # an address is no name


class Seen(HTMLParser):
    """What a person sees or hears of a page, without its addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attributes if name in READ]


@pytest.fixture(params=[CaseState.PREDICTED, CaseState.REVIEWED, CaseState.WITHDRAWN])
def world(request, site, people):
    """A case without a number in this state, another of the same patient, and what follows from them."""
    signed = make_case(
        site, people.clinician, CaseState.REVIEWED, accession_number="", patient_reference="P-1"
    )
    make_call_back(signed)
    make_critical_result(signed)
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    case = signed
    if request.param != CaseState.REVIEWED:
        case = make_case(
            site, people.clinician, request.param, accession_number="", patient_reference="P-1"
        )
    if request.param == CaseState.PREDICTED:
        make_reading(case, people.clinician2)
    return SimpleNamespace(site=site, case=case, people=people)


@pytest.mark.parametrize("who", ["clinician", "reviewer", "admin"])
def test_no_page_shows_an_id(client, world, who):
    client.force_login(getattr(world.people, who))
    shown = 0
    addresses = {
        name: _address(name, about, world)
        for method, name, about, *_rest in TABLE
        if method == "GET"
    }
    for view in ("state=reviewed", "state=withdrawn", "mine=1"):
        addresses[view] = f"/?{view}"
    for name, url in addresses.items():
        answer = client.get(url) if url else None
        kind = answer["Content-Type"] if answer else ""
        if answer is None or not kind.startswith("text/") or answer.status_code >= 500:
            b"".join(answer or ())  # reading a picture to its end closes its file
            continue
        text = " ".join(Seen(answer.content.decode()).texts) if "html" in kind else answer.text
        assert not UUID.search(LINK.sub("", text)), name
        shown += 1
    assert shown > 20


def _address(name, about, world):
    try:
        return address(name, about, world)
    except Exception:
        return ""


def texts_of(value, key=""):
    """Each text of an answer with the name of its field."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, key)
    elif isinstance(value, str):
        yield key, value


TO_BE_READ = {"heading", "short_name", "name", "label", "message", "reason", "sentence", "opinion"}


@pytest.mark.parametrize("who", ["clinician", "reviewer", "admin"])
def test_no_text_of_rest_calls_a_case_by_its_id(client, world, who):
    client.force_login(getattr(world.people, who))
    read = 0
    for method, name, *_rest in test_who_may.TABLE:
        if method != "GET" or name in {"api_schema", "api_docs"}:
            continue
        try:
            answer = client.get(test_who_may.address(name, world.case))
        except Exception:
            continue
        if not answer["Content-Type"].startswith("application/json"):
            b"".join(answer)
            continue
        for key, text in texts_of(json.loads(answer.content)):
            plain = LINK.sub("", text)
            is_an_id = UUID.fullmatch(plain) and key not in TO_BE_READ
            assert is_an_id or not UUID.search(plain), (name, key, text)
            read += 1
    assert read > 100


def test_no_mail_shows_an_id(world):
    notify_due()
    send_due()
    assert mail.outbox
    for message in mail.outbox:
        assert not UUID.search(LINK.sub("", f"{message.subject} {message.body}"))


def test_what_a_case_is_called_in_each_place(client, world):
    client.force_login(world.people.reviewer)
    page = client.get(reverse("case", args=[world.case.pk])).text
    assert f"<title>{world.case.short_name} · Callus</title>" in page
    assert str(world.case) == world.case.short_name
    assert world.case.first_image.file_name in page


def test_what_was_sent_and_came_before_is_named(client, people):
    client.force_login(people.clinician)
    form = {"site": "north", "body_part": "WRIST", "priority": "urgent"}
    for name in ("one.png", "again.png"):
        page = client.post("/cases/new/", {**form, KEY_FIELD: name, "images": [png(name)]}).text
    first = Case.objects.order_by("pk").first()
    seen = " ".join(Seen(page).texts)
    assert "again.png" in seen and first.short_name in seen
    assert not UUID.search(seen)
