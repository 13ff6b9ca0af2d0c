"""A draft that came back with the page is not signed by who only goes on pressing."""

import pytest
from playwright.sync_api import expect

from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.e2e.test_look_first import begun, signed_cases  # noqa: F401
from tests.e2e.test_reading_loop import cases  # noqa: F401

pytestmark = [pytest.mark.e2e]


@pytest.mark.parametrize("touch", ["its answer's key", "a click on it", "a letter"])
def test_a_draft_that_is_back_is_signed_once_it_was_touched(page, web_site, begun, touch):  # noqa: F811
    page.set_viewport_size({"width": 1280, "height": 720})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{begun.pk}/")
    is_ready(page)
    alert = page.locator("#review-form").get_by_role("alert")
    for key in ("s", "s", "Control+Enter", "y"):
        page.keyboard.press(key)
        expect(alert).to_contain_text("what you wrote before is here again")
        expect(alert).to_be_in_viewport()
    sign = page.get_by_role("button", name="Sign", exact=True)
    sign.click()
    page.wait_for_timeout(500)
    assert signed_cases() == []
    if touch == "its answer's key":
        page.keyboard.press("3")
    elif touch == "a click on it":
        page.get_by_label("No fracture").first.click()
    else:
        page.get_by_label("Comment").press_sequentially("!")
    with page.expect_navigation():
        sign.click()
    assert signed_cases() == [begun]


def test_what_this_tab_brings_back_is_touched_first_too(page, web_site, cases):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.route("**/draft", lambda route: route.abort())
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    page.keyboard.press("3")
    expect(page.locator("[data-draft-trouble]")).to_contain_text("kept in this tab")
    page.unroute("**/draft")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved")
    is_ready(page)
    page.keyboard.press("s")
    expect(page.get_by_role("alert")).to_contain_text("what you wrote before is here again")
    assert signed_cases() == []


def test_on_a_phone_what_is_said_leaves_the_answers_in_sight(page, web_site, begun):  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{begun.pk}/")
    is_ready(page)
    page.get_by_role("button", name="Sign", exact=True).click()
    alert = page.locator("#review-form").get_by_role("alert")
    expect(alert).to_be_in_viewport(ratio=1)
    said, answers = alert.bounding_box(), page.locator("#review-form .answers").bounding_box()
    assert said["y"] + said["height"] <= answers["y"] + 1
