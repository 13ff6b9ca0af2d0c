"""Two texts of one reader for one case: neither overwrites the other unasked, and the choice is in sight."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.draft_page import SAVED, DraftPage
from tests.e2e.test_first_light import lose_session
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

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


def write_signed_out(draft: DraftPage, typed: str) -> None:
    lose_session(draft.page)
    draft.write(typed, is_saved=False)
    expect(draft.trouble).to_contain_text("you are signed out")


@pytest.fixture
def behind(drafting) -> DraftPage:
    """Another device has saved after this tab could not: its text is the newest, this tab's is offered."""
    draft = drafting()
    draft.write("Saved.")
    write_signed_out(draft, "Of this tab.")
    draft.save_elsewhere("Of another device.")
    draft.sign_in().open()
    expect(draft.comment).to_have_value("Of another device.")
    expect(draft.choice).to_contain_text(OFFERS)
    return draft


def test_the_text_that_is_not_in_the_form_is_offered_until_one_is_kept(behind):
    draft = behind
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


def test_of_three_texts_each_is_offered(behind):
    """Once more this tab can't save, and another device does."""
    draft = behind
    lose_session(draft.page)
    draft.save_elsewhere("Device, later.")
    draft.page.wait_for_timeout(1500)  # what is typed now is newer
    write_signed_out(draft, "Device. And of this tab.")
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


def test_on_a_page_without_a_form_each_of_several_texts_is_shown(drafting):
    """Twice this tab could not save, and another device did. Then the reader signed elsewhere."""
    draft = drafting()
    for typed, saved in (("One.", "Device."), ("Device, and two.", "Later.")):
        draft.page.route("**/draft", lambda route: route.abort())
        draft.write(typed, is_saved=False)
        expect(draft.trouble).to_contain_text("kept in this tab")
        draft.save_elsewhere(saved)
        draft.page.unroute_all()
        if saved == "Device.":
            expect(draft.open().comment).to_have_value(saved)
    sign(case=draft.case, reader=draft.web_site.people.reviewer, given=GivenOpinion("none"))
    for _ in range(2):
        draft.open()
        expect(draft.kept).to_have_text([re.compile("Device, and two."), re.compile("One.")])
