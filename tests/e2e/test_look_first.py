"""A press that was meant for the case before signs nothing on a page that has just come and begins filled."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_blind import blind, open_as  # noqa: F401
from tests.e2e.test_first_light import sign_in
from tests.e2e.test_reading_loop import cases, is_on, says_none  # noqa: F401
from triage.models import Review
from triage.review.drafts import save_draft
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
# As soon as the page's keys work, and no later: what a second press a moment afterwards meets. On a busy
# machine the page is loaded only when the form takes a press already.
PRESSES_AGAIN = """new MutationObserver((changes, observer) => {
  if (!document.querySelector(".review-form[data-too-soon]")) return;
  observer.disconnect();
  const press = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new KeyboardEvent("keydown", press));
}).observe(document, { subtree: true, attributes: true, childList: true });"""
NOTHING_SIGNED = "Nothing was signed"


@pytest.fixture
def begun(web_site, cases):  # noqa: F811
    """The second case, whose form begins with what the reader wrote before."""
    content = {"fracture": "none", "comment": "Clear."}
    save_draft(
        case=cases[1],
        reader=web_site.people.reviewer,
        content=content,
        version=None,
        editor=None,
    )
    return cases[1]


def is_ready(page):
    expect(page.locator("#review-form")).not_to_have_attribute("data-too-soon", "")


def click_where_it_is(page, button):
    """As a hand does, which does not ask whether the button takes it."""
    box = button.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def signed_cases():
    return [review.case for review in Review.objects.order_by("signed_at")]


def test_a_second_press_does_not_sign_the_case_that_has_just_come(page, web_site, cases, begun):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    page.keyboard.press("3")
    page.add_init_script(PRESSES_AGAIN)
    page.keyboard.press("Control+Enter")
    is_on(page, begun)
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    assert signed_cases() == cases[:1]
    is_ready(page)
    page.keyboard.press("Control+Enter")
    is_on(page, cases[2])
    assert signed_cases() == cases[:2]


def test_a_change_of_the_form_makes_it_the_readers(page, web_site, cases, begun):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{begun.pk}/")
    page.evaluate("document.getElementById('review-form').dataset.tooSoon = ''")
    page.keyboard.press("2")
    page.keyboard.press("y")
    expect(page.get_by_text("Signed.", exact=True)).to_be_visible()
    assert [review.fracture for review in Review.objects.all()] == ["possible"]


def test_a_key_that_is_held_down_signs_nothing(page, web_site, cases, begun):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{begun.pk}/")
    is_ready(page)
    page.keyboard.down("Enter")
    page.locator("#review-form .sign-bar .main").focus()
    page.keyboard.down("Enter")  # and again: it repeats
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    assert signed_cases() == []
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    is_on(page, cases[0])
    assert signed_cases() == [begun]


def test_a_locked_first_reading_is_not_signed_unseen(page, web_site, blind):  # noqa: F811
    open_as(page, web_site, "reviewer", f"/cases/{blind.pk}/")
    page.keyboard.press("3")
    page.add_init_script(PRESSES_AGAIN)
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("First reading locked.")
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    blind.refresh_from_db()
    assert blind.state != CaseState.REVIEWED


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_second_click_signs_nothing_without_scripts(browser, web_site, cases, begun, motion):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, reduced_motion=motion)
    page = context.new_page()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    page.get_by_label("No fracture").first.check()
    button = page.get_by_role("button", name="Sign and next")
    button.click(trial=True)
    devices = context.new_cdp_session(page)
    devices.send("Animation.enable")
    devices.send("Animation.setPlaybackRate", {"playbackRate": 0.01})  # the first moment lasts
    click_where_it_is(page, button)
    is_on(page, begun)
    click_where_it_is(page, button)
    page.wait_for_timeout(500)
    is_on(page, begun)
    assert signed_cases() == cases[:1]
    devices.send("Animation.setPlaybackRate", {"playbackRate": 1})
    button.click()
    is_on(page, cases[2])
    context.close()
