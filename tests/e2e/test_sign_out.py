"""Signing out takes no text along unasked, and one that fails takes none."""

import pytest
from playwright.sync_api import expect

from tests.e2e.draft_page import DraftPage
from triage.models import Draft
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
STORED = "Object.keys(sessionStorage).filter(key => key.startsWith('draft.')).length"


def sign_out(draft: DraftPage, clicks: int = 1) -> None:
    menu = draft.page.locator("details.menu:has([data-sign-out])")
    menu.evaluate("menu => { menu.open = true; }")
    menu.get_by_role("button", name="Sign out", exact=True).click(click_count=clicks)


def is_told(draft: DraftPage) -> None:
    told = draft.page.locator("[data-sign-out]").get_by_role("alert")
    expect(told).to_contain_text("in this tab alone", timeout=15_000)
    draft.page.wait_for_timeout(1000)  # the second click of a double click is no answer


def write_in_the_tab_alone(draft: DraftPage) -> None:
    draft.page.route("**/draft", lambda route: route.abort())
    draft.write("Of this tab.", is_saved=False)


def test_the_first_press_says_what_the_second_one_removes(drafting):
    draft = drafting()
    write_in_the_tab_alone(draft)
    sign_out(draft, clicks=2)
    is_told(draft)
    assert draft.page.evaluate(STORED) == 1
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")
    assert draft.page.evaluate(STORED) == 0


def test_where_everything_is_saved_one_press_signs_out(drafting):
    draft = drafting()
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")


def test_where_there_is_no_form_one_press_signs_out(drafting):
    draft = drafting()
    sign(case=draft.case, reader=draft.web_site.people.reviewer, given=GivenOpinion("none"))
    draft.open()
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")


def test_a_sign_out_that_fails_loses_nothing(drafting):
    draft = drafting()
    write_in_the_tab_alone(draft)
    draft.page.route("**/logout/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    sign_out(draft)
    is_told(draft)
    sign_out(draft)
    expect(draft.page.get_by_text("Bad gateway")).to_be_visible()
    draft.open()
    expect(draft.comment).to_have_value("Of this tab.")


@pytest.mark.parametrize("width", [1440, 390])
def test_another_page_says_it_too_and_leads_to_the_text(drafting, width):
    draft = drafting(width)
    write_in_the_tab_alone(draft)
    expect(draft.trouble).to_contain_text("kept in this tab")
    draft.save_elsewhere("Of another device.")
    draft.page.unroute_all()
    for _ in range(2):
        draft.page.goto(draft.web_site.url)
        sign_out(draft, clicks=2)
        is_told(draft)
        draft.page.get_by_role("link", name="Show what you wrote").click()
        expect(draft.choice).to_contain_text("In this tab you had written something else")
    draft.page.goto(f"{draft.web_site.url}/drafts/")
    sign_out(draft)
    is_told(draft)
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")
    assert draft.page.evaluate(STORED) == 0


def test_another_page_asks_nothing_where_the_site_takes_it(drafting):
    draft = drafting()
    write_in_the_tab_alone(draft)
    expect(draft.trouble).to_contain_text("kept in this tab")
    draft.page.goto(f"{draft.web_site.url}/drafts/")
    draft.page.unroute_all()
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")
    assert draft.on_site == "Of this tab."


def test_another_page_asks_nothing_of_what_was_signed(drafting):
    draft = drafting()
    write_in_the_tab_alone(draft)
    draft.page.get_by_label("No fracture").first.check()
    draft.press("Sign and next")
    expect(draft.page.get_by_text("Signed.", exact=True)).to_be_visible()
    draft.page.goto(f"{draft.web_site.url}/drafts/")
    assert draft.page.evaluate(STORED) == 1
    draft.page.unroute_all()
    sign_out(draft)
    draft.page.wait_for_url("**/accounts/login/**")
    assert not Draft.objects.exists()


def test_a_page_without_a_form_says_it_too(drafting):
    draft = drafting()
    write_in_the_tab_alone(draft)
    expect(draft.trouble).to_contain_text("kept in this tab")
    sign(case=draft.case, reader=draft.web_site.people.reviewer, given=GivenOpinion("none"))
    draft.open()
    expect(draft.kept).to_contain_text("Of this tab.")
    sign_out(draft)
    is_told(draft)
    expect(draft.kept).to_contain_text("Of this tab.")
