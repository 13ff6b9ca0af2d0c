"""Find in a browser: from a case that was found one comes back to what was found."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case

pytestmark = [pytest.mark.e2e]


def test_back_from_a_case_shows_what_was_found(web_site, page):
    make_case(web_site.site, web_site.people.clinician, accession_number="FOUND-1")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.keyboard.press("/")
    page.keyboard.type("found-1")
    page.keyboard.press("Enter")
    hit = page.get_by_role("link", name="FOUND-1")
    hit.click()
    expect(page.get_by_role("heading", name="FOUND-1")).to_be_visible()
    page.go_back()
    expect(hit).to_be_visible()
    assert "found-1" not in page.url.lower()
