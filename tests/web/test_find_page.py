"""Find as a page: what was typed stays in the body of a POST."""

import base64
import html
import logging
import re

import pytest
from django.urls import reverse

from tests.factories import make_case, make_image
from tests.pages import flat
from triage.states import CaseState
from triage.web import find as find_page
from triage.worklist.find import find

pytestmark = pytest.mark.usefixtures("storage")
SECRET = "Müller-1970"


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def text(answer):
    return flat(answer.content.decode())


def test_a_closed_case_is_found_and_says_its_state_and_by_what(site, people, reader):
    case = make_case(site, people.clinician, CaseState.REVIEWED, patient_reference=SECRET)
    make_image(case, 2, file_name=f"{SECRET}.png")
    answer = reader.post(reverse("worklist_find"), {"text": SECRET.upper()})
    rows = text(answer).split("<tbody>")[1]
    assert answer.status_code == 200
    assert reverse("case", args=[case.pk]) in rows
    assert "Reviewed" in rows
    assert "found by patient reference, file name" in rows


def test_what_was_typed_is_in_no_address_title_or_log(site, people, reader, monkeypatch, caplog):
    monkeypatch.setattr(find_page, "find_cases", lambda *given: find(*given, size=2))
    for _ in range(3):
        make_case(site, people.clinician, patient_reference=SECRET)
    with caplog.at_level(logging.DEBUG):
        first = reader.post(reverse("worklist_find"), {"text": SECRET})
        cursor = re.search(r'name="cursor" value="([^"]+)"', text(first))[1]
        second = reader.post(reverse("worklist_find"), {"text": SECRET, "cursor": cursor})
    assert text(second).count("<tr id=") == 1
    for page in (text(first), text(second)):
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', page):
            assert "ller-1970" not in html.unescape(address)
        assert "ller-1970" not in page.split("<title>")[1].split("</title>")[0]
        assert not re.findall(r'method="get"', page)
    assert b"1970" not in base64.urlsafe_b64decode(cursor + "==")
    # Statements are logged by Django in tests only, and never in production.
    logged = [record for record in caplog.records if record.name != "django.db.backends"]
    assert not [record for record in logged if "ller-1970" in record.getMessage()]
    assert first["Referrer-Policy"] == "same-origin"


def test_an_empty_result_says_where_it_looked(people, reader):
    page = text(reader.post(reverse("worklist_find"), {"text": "nothing"}))
    assert "Nothing found" in page
    assert "open and closed" in page
    assert 'value="nothing"' in page


@pytest.mark.parametrize("typed", ["", " ", "\0", "x" * 121])
def test_what_can_not_be_looked_for_is_said(people, reader, typed):
    answer = reader.post(reverse("worklist_find"), {"text": typed})
    assert answer.status_code == 400
    assert 'role="alert"' in text(answer)


def test_a_text_in_an_odd_encoding_breaks_nothing(people, reader):
    kind = "application/x-www-form-urlencoded; charset=unicode_escape"
    answer = reader.generic("POST", reverse("worklist_find"), rb"text=\ud800", kind)
    assert answer.status_code == 400


def test_the_field_is_on_the_worklist_and_posts(people, reader):
    page = text(reader.get("/"))
    form = page.split('class="finder"')[1].split("</form>")[0]
    assert 'method="post"' in form
    assert f'action="{reverse("worklist_find")}"' in form
    assert 'data-act="find"' in form
    assert "csrfmiddlewaretoken" in form


@pytest.mark.parametrize("address", ["/", "/worklist/live/", "/api/v1/worklist"])
def test_the_worklist_takes_no_text_in_its_address(people, reader, address):
    answer = reader.get(address, {"q": SECRET})
    assert answer.status_code == 400
    assert "q: Use Find" in text(answer)
    assert "1970" not in text(answer)


def test_the_page_asks_a_fixed_number_of_queries(
    site, people, reader, django_assert_max_num_queries
):
    for _ in range(8):
        make_case(site, people.clinician, CaseState.REVIEWED, accession_number="SAME")
    with django_assert_max_num_queries(13):
        reader.post(reverse("worklist_find"), {"text": "same"})
