"""A draft outlives its tab, its session and its connection."""

import re

import pytest
from django.db.models.functions import Now
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in, sign_in_by_form
from tests.factories import make_case
from tests.processes import wait_until
from triage.models import Draft, Reading, Review
from triage.review.drafts import draft_of
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


@pytest.fixture
def case(web_site):
    return make_case(web_site.site, web_site.people.clinician)


@pytest.fixture
def reading(web_site, page, case):
    """``reading(width)``: the case's page, open before the reviewer."""

    def open_it(width: int = 1440) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        sign_in(page, web_site.url, web_site.people.reviewer.email)
        return show(page, web_site, case)

    return open_it


def show(page: Page, web_site, case) -> Page:
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    return page


def let_the_claim_lapse(page: Page) -> None:
    """Who began to write holds the case: others have it once the claim has run out."""
    expect(page.locator("#lease")).to_be_visible()
    Reading.objects.going_on().update(claimed_until=Now())


def comment(page: Page):
    return page.locator("#review-form [name=comment]")


def state(page: Page):
    return page.locator("[data-draft-state]")


def written(case, web_site) -> str:
    draft = draft_of(case, web_site.people.reviewer)
    return draft.content.get("comment", "") if draft else ""


@WIDTHS
def test_a_draft_survives_a_closed_tab_and_ends_with_the_signature(web_site, reading, case, width):
    page = reading(width)
    page.get_by_label("No fracture").first.check()
    comment(page).fill("Clear.")
    expect(state(page)).to_have_text(SAVED)
    comment(page).fill("Clear. No step.")
    tab = page.context.new_page()
    page.close(run_before_unload=False)
    wait_until(lambda: written(case, web_site) == "Clear. No step.", 10, "the save on leaving")

    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{web_site.url}/drafts/")
    tab.get_by_role("link", name=case.short_name).click()
    expect(comment(tab)).to_have_value("Clear. No step.")
    expect(tab.get_by_label("No fracture").first).to_be_checked()
    tab.get_by_role("button", name="Sign", exact=True).click()
    expect(tab.get_by_text("Signed.", exact=True)).to_be_visible()
    assert Review.objects.get().comment == "Clear. No step."
    assert not Draft.objects.exists()
    assert tab.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft.'))") == []


@WIDTHS
def test_what_was_written_stays_readable_when_another_has_signed(web_site, reading, case, width):
    page = reading(width)
    comment(page).fill("I see a spiral fracture.")
    expect(state(page)).to_have_text(SAVED)
    let_the_claim_lapse(page)
    page.route(
        "**/head/**", lambda route: route.abort()
    )  # or the page knows before Sign is pressed
    sign(case=case, reader=web_site.people.clinician2, given=GivenOpinion("none"))
    page.get_by_label("No fracture").first.check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("This case is closed")
    kept = page.locator(".draft-kept")
    for _ in range(2):
        expect(kept).to_contain_text("I see a spiral fracture.")
        expect(kept).to_contain_text("No fracture")
        page.reload()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    kept.get_by_role("button", name="Copy").click()
    expect(kept.get_by_role("button", name="Copied")).to_be_visible()
    assert "spiral" in page.evaluate("navigator.clipboard.readText()")
    kept.get_by_role("button", name="Discard").click()
    expect(kept).to_have_count(0)
    assert not Draft.objects.exists()


def test_what_is_typed_before_the_scripts_came_is_saved_and_claims(web_site, reading, case):
    page = reading()
    held = []
    page.route(re.compile(r"/js/case\."), lambda route: held.append(route))
    page.goto(f"{web_site.url}/cases/{case.pk}/", wait_until="commit")
    comment(page).fill("Faster.")
    wait_until(lambda: page.wait_for_timeout(50) or held, 10, "the script's request")
    held[0].continue_()
    expect(page.locator("#lease")).to_be_visible()
    expect(state(page)).to_have_text(SAVED)
    assert written(case, web_site) == "Faster."


def test_while_the_line_is_cut_it_stays_in_the_tab(web_site, reading, case):
    page = reading()
    comment(page).fill("Before.")
    expect(state(page)).to_have_text(SAVED)
    page.context.set_offline(True)
    comment(page).fill("Before. Meanwhile.")
    trouble = page.locator("[data-draft-trouble]")
    expect(trouble).to_have_text("Not saved: Callus does not answer; kept in this tab")
    expect(state(page)).to_be_empty()
    page.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED, timeout=10_000)
    expect(trouble).to_be_empty()
    assert written(case, web_site) == "Before. Meanwhile."


def test_after_the_session_ended_the_newest_text_wins(web_site, reading, case):
    page = reading()
    comment(page).fill("Saved.")
    expect(state(page)).to_have_text(SAVED)
    page.context.clear_cookies()
    comment(page).fill("Saved. And more.")
    expect(page.locator("[data-draft-trouble]")).to_contain_text("you are signed out")
    sign_in_by_form(page, web_site.url, web_site.people.reviewer.email)
    show(page, web_site, case)
    expect(comment(page)).to_have_value("Saved. And more.")
    expect(state(page)).to_have_text(SAVED)
    assert written(case, web_site) == "Saved. And more."


def test_a_text_never_becomes_somebody_elses_draft(web_site, reading, case):
    page = reading()
    comment(page).fill("Of the reviewer.")
    expect(state(page)).to_have_text(SAVED)
    page.context.clear_cookies()
    tab = page.context.new_page()
    sign_in_by_form(tab, web_site.url, web_site.people.clinician2.email)
    comment(page).fill("Of the reviewer, and more.")
    expect(page.locator("[data-draft-trouble]")).to_contain_text("somebody else is signed in")
    Reading.objects.going_on().update(
        claimed_until=Now()
    )  # the page, of somebody else now, shows no claim
    show(tab, web_site, case)
    expect(comment(tab)).to_have_value("")
    assert [draft.reader for draft in Draft.objects.all()] == [web_site.people.reviewer]


def test_signing_out_saves_what_was_typed_last(web_site, reading, case):
    page = reading()
    comment(page).fill("Typed last.")
    page.locator(".menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert written(case, web_site) == "Typed last."
    assert page.evaluate("sessionStorage.length") == 0
