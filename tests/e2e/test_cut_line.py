"""A form that is sent while the site does not answer stays on the screen, with all that was typed."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.line import line_to
from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Review

pytestmark = [pytest.mark.e2e]
NOT_SAVED = 15_000  # ms: a request that is never answered is given up after five seconds
LOST = "The site does not answer, so nothing was done"


def write(page: Page, url: str, web_site: Any) -> None:
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, url, web_site.people.reviewer.email)
    page.goto(f"{url}/cases/{case.pk}/")
    is_ready(page)
    page.keyboard.press("3")
    page.get_by_label("Comment").fill("Clear.")


def is_kept_and_said(page: Page, url: str) -> None:
    alert = page.get_by_role("alert").filter(has_text=LOST)
    expect(alert).to_be_visible(timeout=NOT_SAVED)
    assert page.url.startswith(f"{url}/cases/")
    expect(page.get_by_label("Comment")).to_have_value("Clear.")
    assert not Review.objects.exists()


@pytest.mark.parametrize("key", ["Control+Enter", "Control+Shift+Enter"])
def test_what_is_signed_without_a_network_is_signed_once_it_is_back(page, web_site, key):
    write(page, web_site.url, web_site)
    page.context.set_offline(True)
    page.keyboard.press(key)
    is_kept_and_said(page, web_site.url)
    page.context.set_offline(False)
    with page.expect_navigation():
        page.keyboard.press(key)
    assert Review.objects.get().comment == "Clear."


def test_a_site_that_does_not_answer_takes_no_page_away(page, web_site):
    with line_to(web_site.url) as line:
        write(page, line.url, web_site)
        line.loses_answers = True
        trouble = page.locator("[data-draft-trouble]")
        expect(trouble).to_contain_text("Callus does not answer", timeout=NOT_SAVED)
        page.keyboard.press("Control+Enter")
        is_kept_and_said(page, line.url)
        page.close()  # before the line, whose end the console would name


def test_next_without_a_network_keeps_the_list(page, web_site):
    make_case(web_site.site, web_site.people.clinician, accession_number="FIRST")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    row = page.get_by_role("link", name="FIRST")
    expect(row).to_be_visible()
    page.context.set_offline(True)
    page.keyboard.press("n")
    expect(page.get_by_role("alert").filter(has_text=LOST)).to_be_visible()
    expect(row).to_be_visible()


def test_a_press_on_the_sign_in_page_is_not_lost(page, web_site):
    """There the browser says that there is no network: nothing was typed that is worth keeping."""
    page.goto(f"{web_site.url}/accounts/login/")
    page.fill("[name=login]", "rita@north.example")
    page.fill("[name=password]", "secret")
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("chrome-error://**")
