"""Enter signs nowhere but on a Sign button, and no form of these pages does by it what can't be undone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.ready import is_ready
from tests.e2e.test_blind import blind, open_as  # noqa: F401
from tests.factories import make_case
from triage.models import InterimOpinion, Review
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]


def opened(page, web_site, case):
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    is_ready(page)


def changed_nothing(page):
    page.wait_for_timeout(400)
    page.wait_for_load_state("networkidle")
    return not Review.objects.exists()


@pytest.mark.parametrize("key", ["3", "Shift+Digit1", "e"])
def test_enter_in_the_form_signs_nothing(page, web_site, key):
    case = make_case(web_site.site, web_site.people.clinician)
    opened(page, web_site, case)
    page.keyboard.press("3")
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert changed_nothing(page)
    page.get_by_role("button", name="Sign", exact=False).last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("igned")
    assert Review.objects.get().fracture == "none"


def test_enter_after_a_click_on_an_answer_locks_no_first_reading(page, web_site, blind):  # noqa: F811
    opened(page, web_site, blind)
    page.get_by_text("No fracture").first.click()
    page.keyboard.press("Enter")
    assert changed_nothing(page)


def test_enter_signs_no_correction(page, web_site):
    case = make_case(web_site.site, web_site.people.clinician)
    sign(case=case, reader=web_site.people.reviewer, given=GivenOpinion("none"))
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    page.keyboard.press("Backspace")
    page.wait_for_timeout(800)
    page.get_by_label("Possible fracture").last.check()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert Review.objects.count() == 1


def test_enter_records_no_interim_opinion(page, web_site):
    case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)
    open_as(page, web_site, "clinician", f"/cases/{case.pk}/")
    page.select_option("#treated-as", index=1)
    page.locator("[name=interim_fracture]").first.check()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert not InterimOpinion.objects.exists()


def test_enter_signs_nothing_without_scripts(browser, web_site):
    case = make_case(web_site.site, web_site.people.clinician)
    page = browser.new_context(java_script_enabled=False).new_page()
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    page.wait_for_timeout(800)
    page.get_by_label("No fracture").first.check()
    page.keyboard.press("Enter")
    assert changed_nothing(page)
    page.locator("#review-form .sign-bar .main").press("Enter")
    expect(page.locator("body")).to_contain_text("Signed.")
    assert Review.objects.get().fracture == "none"
