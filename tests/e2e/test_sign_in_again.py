"""A page that outlives a sign-in: its forms work for the same person, and for nobody else."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Review

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def written(web_site, page) -> Page:
    """A case page with an opinion that is written and not signed; then the session ends."""
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.get_by_label("No fracture").first.check()
    page.get_by_label("Comment").fill("Clear.")
    page.context.clear_cookies()
    return page


def sign_in_there(page: Page, base: str, email: str) -> None:
    tab = page.context.new_page()
    sign_in(tab, base, email)
    tab.close()


def press_sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()


def test_sign_works_after_signing_in_again_in_another_tab(web_site, written):
    press_sign(written)
    expect(written.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()
    expect(written.get_by_label("Comment")).to_have_value("Clear.")
    sign_in_there(written, web_site.url, web_site.people.reviewer.email)
    with written.expect_navigation():
        press_sign(written)
    review = Review.objects.get()
    assert (review.reader, review.comment) == (web_site.people.reviewer, "Clear.")


def test_nobody_signs_what_somebody_else_wrote(web_site, written):
    sign_in_there(written, web_site.url, web_site.people.stranger.email)
    press_sign(written)
    expect(written.get_by_role("alert").filter(has_text="Somebody else")).to_be_visible()
    expect(written.get_by_label("Comment")).to_have_value("Clear.")
    assert not Review.objects.exists()
