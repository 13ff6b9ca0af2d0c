"""Two texts of one reader for one case: neither overwrites the other unasked, and the choice is in sight."""

import pytest
from playwright.sync_api import expect

from tests.e2e.draft_page import SAVED, DraftPage

pytestmark = [pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize("width", [1440, 390])
ASKS = "with another text"
OFFERS = "In this tab you had written something else"


@pytest.fixture
def two_tabs(drafting):
    """``two_tabs(width)``: two tabs of one case. The first has saved its text, the second has not seen it."""

    def open_both(width: int = 1440) -> tuple[DraftPage, DraftPage]:
        first = drafting(width)
        second = first.another_tab().open(width)
        first.write("First.")
        return first, second

    return open_both


def take_each(draft: DraftPage) -> None:
    """The other text is shown, and the own one again, which is kept."""
    draft.press("Show the other one")
    expect(draft.comment).to_have_value("First.")
    expect(draft.choice).to_contain_text(OFFERS)
    draft.press("Show the other one")
    expect(draft.comment).to_have_value("Second.")
    expect(draft.choice).to_contain_text(ASKS)
    assert draft.on_site == "First."
    draft.press("Keep this one")
    expect(draft.choice).to_be_hidden()
    expect(draft.state).to_have_text(SAVED)
    assert draft.on_site == "Second."


@WIDTHS
def test_of_two_tabs_the_later_one_asks_and_can_take_either(two_tabs, width):
    first, second = two_tabs(width)
    second.write("Second.", is_saved=False)
    expect(second.choice).to_contain_text(ASKS)
    assert second.on_site == "First."
    take_each(second)

    first.write("First, and more.", is_saved=False)
    expect(first.choice).to_contain_text(ASKS)
    assert first.on_site == "Second."


@WIDTHS
def test_a_refused_signature_of_the_other_tab_asks_too(two_tabs, width):
    """A reload asks again: the newest text is in the form, and the site keeps the other one meanwhile."""
    _, second = two_tabs(width)
    second.write("Second.", is_saved=False)
    second.press("Sign")  # no opinion is chosen
    for _ in range(2):
        expect(second.choice).to_contain_text(ASKS)
        expect(second.choice).to_be_in_viewport(ratio=1)
        expect(second.comment).to_have_value("Second.")
        second.page.wait_for_timeout(3000)  # longer than it takes to save
        assert second.on_site == "First."
        second.open()
    take_each(second)


def lose_the_session(draft: DraftPage, typed: str) -> None:
    draft.page.context.clear_cookies()
    draft.write(typed, is_saved=False)
    expect(draft.trouble).to_contain_text("you are signed out")


def test_the_text_that_is_not_in_the_form_is_offered_until_one_is_kept(drafting):
    """Another device has saved after this tab could not: its text is the newest."""
    draft = drafting()
    draft.write("Saved.")
    lose_the_session(draft, "Of this tab.")
    draft.save_elsewhere("Of another device.")
    draft.sign_in().open()
    expect(draft.comment).to_have_value("Of another device.")
    expect(draft.choice).to_contain_text(OFFERS)
    # What is typed now is made from the other device's text, so it is saved in its place.
    draft.write("Of another device. And more.")
    for _ in range(2):
        expect(draft.choice).to_contain_text(OFFERS)
        draft.open()
    draft.press("Show the other one")
    expect(draft.comment).to_have_value("Of this tab.")
    draft.press("Keep this one")
    expect(draft.state).to_have_text(SAVED)
    draft.open()
    expect(draft.comment).to_have_value("Of this tab.")
    expect(draft.choice).to_be_hidden()
    assert draft.on_site == "Of this tab."


def test_of_three_texts_each_is_offered(drafting):
    """Twice this tab could not save, and another device did."""
    draft = drafting()
    draft.write("Saved.")
    lose_the_session(draft, "Of this tab.")
    draft.save_elsewhere("Device.")
    draft.sign_in().open()
    expect(draft.choice).to_contain_text(OFFERS)
    draft.page.context.clear_cookies()
    draft.save_elsewhere("Device, later.")
    draft.page.wait_for_timeout(1500)  # what is typed now is newer
    lose_the_session(draft, "Device. And of this tab.")
    draft.sign_in().open()
    seen = set()
    for _ in range(3):
        seen.add(draft.comment.input_value())
        draft.press("Show the next of 3")
    assert seen == {"Of this tab.", "Device, later.", "Device. And of this tab."}
    draft.press("Keep this one alone")
    expect(draft.choice).to_be_hidden()
    expect(draft.state).to_have_text(SAVED)


def test_a_text_that_was_only_looked_at_replaces_none(two_tabs):
    """The tab goes on with the site's text, which another tab changes meanwhile."""
    first, second = two_tabs()
    second.write("Second.", is_saved=False)
    expect(second.choice).to_contain_text(ASKS)
    second.press("Show the other one")
    expect(second.comment).to_have_value("First.")
    first.write("First, and more.")
    second.open()
    seen = [second.comment.input_value()]
    second.press("Show the other one")
    assert sorted([*seen, second.comment.input_value()]) == ["First, and more.", "Second."]
