"""Two texts of one reader for one case: neither overwrites the other unasked, and the choice is in sight."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_drafts import (
    SAVED,
    WIDTHS,
    case,  # noqa: F401  a fixture
    comment,
    reading,  # noqa: F401  a fixture
    show,
    state,
    written,
)
from tests.e2e.test_first_light import sign_in
from triage.review.drafts import save_draft

pytestmark = [pytest.mark.e2e]


def choice(page: Page):
    return page.locator("[data-draft-choice]")


@WIDTHS
def test_of_two_tabs_the_later_one_asks_and_can_take_either(web_site, reading, case, width):  # noqa: F811
    first = reading(width)
    second = show(first.context.new_page(), web_site, case)
    second.set_viewport_size({"width": width, "height": 900})
    comment(first).fill("First.")
    expect(state(first)).to_have_text(SAVED)
    comment(second).fill("Second.")
    expect(choice(second)).to_contain_text("Another tab or device saved this opinion")
    assert written(case, web_site) == "First."

    other, this = choice(second).get_by_role("button").all()
    other.click()
    expect(comment(second)).to_have_value("First.")
    other.click()
    expect(comment(second)).to_have_value("Second.")
    this.click()
    expect(choice(second)).to_be_hidden()
    expect(state(second)).to_have_text(SAVED)
    assert written(case, web_site) == "Second."

    comment(first).fill("First, and more.")
    expect(choice(first)).to_be_visible()
    assert written(case, web_site) == "Second."


@WIDTHS
def test_a_refused_signature_of_the_other_tab_asks_too(web_site, reading, case, width):  # noqa: F811
    """A reload asks again: the newest text is in the form, and the site keeps the other one meanwhile."""
    first = reading(width)
    second = show(first.context.new_page(), web_site, case)
    second.set_viewport_size({"width": width, "height": 844 if width == 390 else 720})
    comment(first).fill("First.")
    expect(state(first)).to_have_text(SAVED)
    comment(second).fill("Second.")
    second.get_by_role("button", name="Sign", exact=True).click()  # no opinion is chosen
    expect(choice(second)).to_contain_text("Another tab or device saved this opinion")
    expect(comment(second)).to_have_value("Second.")
    expect(choice(second)).to_be_in_viewport(ratio=1)
    for _ in range(2):
        show(second, web_site, case)
        expect(choice(second)).to_contain_text("it is saved once you choose")
        expect(choice(second)).to_be_in_viewport(ratio=1)
        expect(comment(second)).to_have_value("Second.")
        second.wait_for_timeout(3000)  # longer than it takes to save
        assert written(case, web_site) == "First."
    other, this = choice(second).get_by_role("button").all()
    other.click()
    expect(comment(second)).to_have_value("First.")
    second.reload()
    expect(comment(second)).to_have_value("First.")
    other.click()
    expect(comment(second)).to_have_value("Second.")
    this.click()
    expect(choice(second)).to_be_hidden()
    expect(state(second)).to_have_text(SAVED)
    assert written(case, web_site) == "Second."


def test_the_text_that_is_not_in_the_form_is_offered_until_one_is_kept(web_site, reading, case):  # noqa: F811
    """Another device has saved after this tab could not: its text is the newest."""
    page = reading()
    comment(page).fill("Saved.")
    expect(state(page)).to_have_text(SAVED)
    page.context.clear_cookies()
    comment(page).fill("Of this tab.")
    expect(page.locator("[data-draft-trouble]")).to_contain_text("you are signed out")
    there = {"comment": "Of another device."}
    save_draft(case=case, reader=web_site.people.reviewer, content=there, overwrite=True)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    show(page, web_site, case)
    expect(comment(page)).to_have_value("Of another device.")
    expect(choice(page)).to_contain_text("In this tab you had written something else")
    choice(page).get_by_role("button", name="Show the other one").click()
    expect(comment(page)).to_have_value("Of this tab.")
    expect(state(page)).to_have_text(SAVED)
    assert written(case, web_site) == "Of this tab."

    # Now the other device's text is in this tab alone: it is offered until the reader keeps one.
    comment(page).fill("Of this tab. And more.")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(comment(page)).to_have_value("Of this tab. And more.")
    expect(choice(page)).to_contain_text("there is another text of yours")
    choice(page).get_by_role("button", name="Show the other one").click()
    expect(comment(page)).to_have_value("Of another device.")
    choice(page).get_by_role("button", name="Keep this one").click()
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(comment(page)).to_have_value("Of another device.")
    expect(choice(page)).to_be_hidden()
