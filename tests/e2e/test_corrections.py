"""A correction is kept while it is written, as an opinion is, and has its keys."""

import pytest
from playwright.sync_api import expect

from tests.e2e.draft_page import HEIGHTS, SAVED, DraftPage
from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in_by_form
from tests.factories import make_case
from tests.processes import wait_until
from triage.models import Draft, Review
from triage.review.drafts import draft_of, save_draft
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = [pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize("width", HEIGHTS)
LOOK = 1500  # ms, longer than a form that has just come is looked at
AT_ONCE = """keys => keys.forEach((key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""


class CorrectionPage(DraftPage):
    """``signed``: the reviewer's opinion that is corrected."""

    signed: Review

    def __init__(self, page, web_site, case) -> None:
        super().__init__(page, web_site, case)
        self.form = page.locator("#correction-form")
        self.comment = self.form.locator("[name=comment]")
        self.signed = Review.objects.filter(case=case).earliest("id")

    def opens_form(self) -> None:
        is_ready(self.page)
        self.page.keyboard.press("Backspace")
        expect(self.comment).to_be_visible()
        self.page.wait_for_timeout(LOOK)

    @property
    def on_site(self) -> str:
        draft = draft_of(self.case, self.web_site.people.reviewer, self.signed)
        return draft.content.get("comment", "") if draft else ""

    @property
    def answer(self) -> str:
        return self.form.evaluate("form => form.elements.fracture.value")


@pytest.fixture
def correcting(web_site, page):
    """``correcting(width)``: the page of a case on which the reviewer has signed "No fracture. Clear."."""

    def open_it(width: int = 1440) -> CorrectionPage:
        case = make_case(web_site.site, web_site.people.clinician, top="spiral")
        reader = web_site.people.reviewer
        sign(case=case, reader=reader, given=GivenOpinion("none", comment="Clear."))
        return CorrectionPage(page, web_site, case).sign_in().open(width)

    return open_it


@WIDTHS
def test_a_correction_survives_a_closed_tab_and_ends_with_its_signature(correcting, width):
    first = correcting(width)
    first.opens_form()
    first.form.get_by_label("Possible fracture").check()
    first.write("A thin line.")
    first.write("A thin line, ulna.", is_saved=False)
    second = first.another_tab()
    first.page.close(run_before_unload=False)
    wait_until(lambda: second.on_site == "A thin line, ulna.", 10, "the save on leaving")

    tab = second.page
    tab.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    tab.goto(f"{second.web_site.url}/drafts/")
    expect(tab.locator("main")).to_contain_text("correction of what you signed")
    tab.get_by_role("link", name=second.case.short_name).click()
    expect(second.comment).to_be_visible()
    expect(second.comment).to_have_value("A thin line, ulna.")
    expect(second.state).to_contain_text("is back")
    assert second.answer == "possible"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.wait_for_timeout(LOOK)
    second.form.get_by_label("Possible fracture").click()  # what came back is not signed untouched
    second.press("Sign the correction")
    expect(tab.get_by_text("Corrected. The earlier opinion")).to_be_visible()
    assert Review.objects.latest("id").comment == "A thin line, ulna."
    assert not Draft.objects.exists()
    expect(tab.get_by_text("was not signed")).to_have_count(0)


def test_it_survives_the_list_a_reload_and_the_end_of_the_session(correcting):
    draft = correcting()
    page = draft.page
    draft.opens_form()
    draft.write("Typed.")
    draft.write("Typed, and more.", is_saved=False)
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_url(f"{draft.web_site.url}/?*")
    draft.open()
    expect(draft.comment).to_have_value("Typed, and more.")
    page.reload()
    expect(draft.comment).to_have_value("Typed, and more.")
    page.context.clear_cookies()
    page.wait_for_timeout(LOOK)
    draft.write("Typed, and more again.", is_saved=False)
    draft.press("Sign the correction")
    sign_in_by_form(page, draft.web_site.url, draft.web_site.people.reviewer.email)
    draft.open()
    expect(draft.comment).to_be_visible()
    expect(draft.comment).to_have_value("Typed, and more again.")


def test_one_that_changes_nothing_is_no_draft(correcting):
    draft = correcting()
    draft.opens_form()
    draft.write("Clear. No step.")
    draft.comment.fill("Clear.")
    wait_until(lambda: not Draft.objects.exists(), 10, "the end of the draft")
    draft.open()
    expect(draft.comment).to_be_hidden()


@WIDTHS
def test_what_was_corrected_elsewhere_meanwhile_stays_readable(correcting, width):
    draft = correcting(width)
    draft.opens_form()
    draft.write("Mine.")
    reader = draft.web_site.people.reviewer
    save_draft(
        case=draft.case,
        reader=reader,
        corrects=draft.signed,
        content={"fracture": "none", "comment": "Of another page."},
        overwrite=True,
    )
    given = GivenOpinion("certain", comment="Elsewhere.")
    page = draft.page
    correct(review=draft.signed, reader=reader, given=given)
    draft.write("Mine, and more.", is_saved=False)
    expect(draft.trouble).to_contain_text("you have corrected this elsewhere; kept in this tab")
    draft.open()
    expect(draft.kept).to_contain_text("Mine, and more.")
    expect(draft.comment).to_have_value("Elsewhere.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@WIDTHS
def test_the_keys_of_the_opinion_act_on_an_open_correction_alone(correcting, width):
    draft = correcting(width)
    page = draft.page
    is_ready(page)
    page.wait_for_timeout(LOOK)
    for key in ("1", "a", "Shift+R", "d", "!", "y", "Control+Enter"):
        page.keyboard.press(key)
    assert draft.answer == "none"
    assert not draft.form.locator("[name=critical]").is_checked()
    draft.opens_form()
    page.keyboard.press("2")
    assert draft.answer == "possible"
    page.keyboard.press("Shift+R")
    page.keyboard.press("d")
    expect(draft.form.locator("[name=classes][value=spiral]")).to_be_checked()
    expect(draft.form.locator("[name=displaced][value=yes]")).to_be_checked()
    page.keyboard.press("t")
    page.keyboard.type(" Seen again.")
    expect(draft.state).to_have_text(SAVED)
    assert Review.objects.count() == 1
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Corrected. The earlier opinion")).to_be_visible()
    said = Review.objects.latest("id")
    assert (said.fracture, said.classes, said.displaced) == ("possible", ["spiral"], True)
    assert said.comment == "Clear. Seen again."


def test_a_correction_that_has_just_been_opened_is_not_signed_unseen(correcting):
    draft = correcting()
    page = draft.page
    is_ready(page)
    page.wait_for_timeout(LOOK)
    page.evaluate(AT_ONCE, ["Backspace", "2", "y"])
    expect(draft.form.locator("[data-look-first]")).to_contain_text("Nothing was signed")
    page.wait_for_timeout(LOOK)
    assert Review.objects.count() == 1
    page.keyboard.press("y")
    expect(page.get_by_text("Corrected. The earlier opinion")).to_be_visible()


def test_a_place_is_drawn_for_an_open_correction(correcting):
    draft = correcting()
    page, tool = draft.page, draft.page.locator("button[data-tool=place]")
    expect(tool).to_be_hidden()
    draft.opens_form()
    expect(tool).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("q")
    box = page.locator("#viewer").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(draft.form.locator("[data-places-list] li")).to_have_count(1)
    page.keyboard.press("Backspace")
    expect(tool).to_be_hidden()
