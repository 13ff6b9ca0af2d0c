"""Pages on a screen that is 390 wide."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.upload_page import button, choose, drop, press_send, summary
from tests.factories import incoming, make_case, picture_bytes
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.intake.worker import decode_until_empty
from triage.models import Case
from triage.states import CaseState
from triage.vocabulary import BodyPart, Source

pytestmark = [pytest.mark.e2e]
WIDTH = 390
LONG = "a" * 110  # a device writes a name of identifiers, without a blank or a hyphen
# Everything that reaches over the edge without a scroll bar of its own.
BEYOND = """() => [...document.querySelectorAll("main, main *")]
    .filter(element => element.getBoundingClientRect().left + element.scrollWidth > innerWidth)
    .filter(element => {
        for (let box = element; box; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") return false;
        return true;
    })
    .map(element => element.tagName + "." + element.className)"""


@pytest.fixture
def phone(web_site, page) -> Page:
    page.set_viewport_size({"width": WIDTH, "height": 844})
    return page


def assert_fits(phone: Page) -> None:
    assert phone.evaluate(BEYOND) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == WIDTH


def test_no_row_of_a_list_is_wider_than_the_phone(web_site, phone):
    site, sender = web_site.site, web_site.people.clinician
    case = make_case(site, sender)
    Case.objects.filter(pk=case.pk).update(accession_number="9" * 64)
    closed = Case.objects.filter(pk=make_case(site, sender).pk)
    closed.update(state=CaseState.REVIEWED, closed_at=timezone.now())
    sign_in(phone, web_site.url, web_site.people.reviewer.email)
    for address in ("/", "/?state=reviewed"):
        phone.goto(web_site.url + address)
        assert phone.locator(".worklist tbody tr").count() == 1
        assert_fits(phone)
        # What the model said belongs to an open case only.
        shown = "83 %" if address == "/" else ""
        expect(phone.locator(".worklist tbody .chance")).to_contain_text(shown)


def test_a_long_file_name_fits_on_the_page_of_its_case(web_site, phone):
    case = make_case(web_site.site, web_site.people.clinician)
    case.images.update(file_name=f"{LONG}.png")
    sign_in(phone, web_site.url, web_site.people.reviewer.email)
    phone.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(phone.get_by_text(LONG).first).to_be_visible()
    assert_fits(phone)


def arriving(web_site, data: bytes) -> Case:
    """Without an accession number: the name of its first file is its title."""
    return arrive_case(
        sender=web_site.people.clinician,
        site=web_site.site,
        files=[incoming(f"{LONG}.png", data)],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.WEB,
    )


@pytest.fixture
def undecoded(monkeypatch) -> None:
    """No worker is told of what arrives."""
    monkeypatch.setattr("triage.intake.services.send_decode_queued_on_commit", lambda files: None)


@pytest.mark.usefixtures("undecoded")
def test_a_long_file_name_fits_where_its_case_arrives(web_site, phone):
    case = arriving(web_site, picture_bytes())
    sign_in(phone, web_site.url, web_site.people.clinician.email)
    phone.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(phone.get_by_text("The file is being read")).to_be_visible()
    assert_fits(phone)


@pytest.mark.usefixtures("undecoded")
def test_a_long_file_name_fits_where_its_case_is_refused(web_site, phone):
    case = arriving(web_site, b"Dear colleague")
    decode_until_empty()
    sign_in(phone, web_site.url, web_site.people.clinician.email)
    phone.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(phone.get_by_text("is a text file")).to_be_visible()
    assert_fits(phone)
    phone.goto(f"{web_site.url}/cases/new/")
    phone.get_by_text("1 upload was refused").click()
    expect(phone.get_by_role("link", name=LONG)).to_be_visible()
    assert_fits(phone)


def test_long_file_names_fit_on_the_upload_page(web_site, phone, tmp_path):
    picture, letter = tmp_path / f"b{LONG}.png", tmp_path / f"c{LONG}.png"
    picture.write_bytes(picture_bytes())
    letter.write_bytes(b"Dear colleague")
    sign_in(phone, web_site.url, web_site.people.clinician.email)
    phone.goto(f"{web_site.url}/cases/new/")
    choose(phone, picture, letter)
    drop(phone, picture)
    expect(phone.locator(".skipped")).to_contain_text(LONG)
    assert_fits(phone)
    for details in button(phone.locator(".case"), "Details").all():
        details.click()
    assert_fits(phone)
    phone.select_option("#body_part", "HAND")
    press_send(phone)
    summary(phone, "1 sent, 1 refused")
    expect(phone.locator("#summary-reasons")).to_contain_text(LONG)
    assert_fits(phone)
