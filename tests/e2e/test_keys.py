"""The keys of the table, in a browser, on a desk and on a phone with a keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case

pytestmark = [pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def chosen(page: Page) -> str:
    return page.evaluate("document.getElementById('review-form').elements.fracture.value")


def press(page: Page, key: str, code: str, **modifiers: bool) -> None:
    """As another keyboard would: the browser's own would not have the letter."""
    pressed = {"key": key, "code": code, "bubbles": True, "cancelable": True, **modifiers}
    page.evaluate(
        "e => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', e))", pressed
    )


def inverted(page: Page) -> bool:
    return page.get_by_role("button", name="Invert").get_attribute("aria-pressed") == "true"


@pytest.fixture
def two_cases(web_site, page):
    """The worklist of a reviewer with two cases; the first has two pictures."""
    site, sender = web_site.site, web_site.people.clinician
    first = make_case(site, sender, images=2, accession_number="FIRST")
    make_case(site, sender, accession_number="SECOND")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    return first


@pytest.fixture
def case_page(web_site, page, two_cases) -> Page:
    page.goto(f"{web_site.url}/cases/{two_cases.pk}/")
    return page


@WIDTHS
def test_rows_are_walked_and_opened(web_site, page, two_cases, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(web_site.url)
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(page.locator(".is-current")).to_contain_text("FIRST")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="FIRST")).to_be_visible()
    page.wait_for_load_state()  # its scripts listen to keys
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    page.wait_for_load_state()
    expect(page.locator(".is-current")).to_contain_text("FIRST")  # the row that was open
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="FIRST")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_role("heading", name="Find", exact=True)).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


@WIDTHS
@pytest.mark.parametrize("focus", ["radio", "checkbox", "range", "button", "select"])
def test_what_has_the_focus_and_is_no_text_field_swallows_no_key(case_page, width, focus):
    page = case_page
    page.set_viewport_size({"width": width, "height": 844})
    page.keyboard.press("h")
    page.keyboard.press("2")
    place = {
        "radio": "#review-form .answers :checked",
        "checkbox": "#review-form [type=checkbox] >> nth=0",
        "range": "#map-strength",
        "button": "#reset",
        "select": "#map-which",
    }[focus]
    page.focus(place)
    expect(page.locator(place)).to_be_focused()
    page.keyboard.press("i")
    assert inverted(page)
    page.keyboard.press("3")
    assert chosen(page) == "none"


def test_a_text_field_keeps_its_letters(case_page):
    case_page.keyboard.press("t")
    case_page.keyboard.type("init 3 ?/")
    expect(case_page.get_by_label("Comment")).to_have_value("init 3 ?/")
    assert not inverted(case_page)
    assert chosen(case_page) == ""


@WIDTHS
def test_an_arrow_never_changes_an_opinion(case_page, width):
    page = case_page
    page.set_viewport_size({"width": width, "height": 844})
    page.keyboard.press("3")
    for key in ("ArrowDown", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
        assert chosen(page) == "none", key
    expect(page.locator("[name=fracture][value=possible]")).to_be_focused()
    page.keyboard.press("Space")
    assert chosen(page) == "possible"


def test_other_keyboards_press_the_same_keys(case_page):
    # Russian and Greek: by its place on the keyboard. Caps Lock is no Shift.
    for key in ("ш", "ι", "I"):
        was = inverted(case_page)
        press(case_page, key, "KeyI")
        assert inverted(case_page) != was, key
    was = inverted(case_page)
    press(case_page, "I", "KeyI", shiftKey=True)  # a type of fracture, never the picture
    press(case_page, "i", "KeyI", altKey=True)
    press(case_page, "i", "KeyI", ctrlKey=True)
    press(case_page, "i", "KeyI", repeat=True)  # a key that is held down
    assert inverted(case_page) == was


def test_a_screen_reader_hears_the_answer(case_page):
    said = case_page.locator("#said")
    case_page.keyboard.press("i")
    expect(said).to_have_text("Invert the picture: on")
    case_page.keyboard.press("i")
    expect(said).to_have_text("Invert the picture: off")
    case_page.keyboard.press(".")
    expect(said).to_contain_text("picture 2")
    case_page.keyboard.press(",")
    expect(said).to_contain_text("picture 1")
    case_page.keyboard.press("j")
    expect(said).to_have_text(case_page.locator("#map-which option:checked").inner_text())
    is_ready(case_page)
    case_page.keyboard.press("c")
    expect(case_page.get_by_text("Claimed by me")).to_be_visible()
    case_page.keyboard.press("c")
    expect(said).to_have_text("Claim the case: not possible here")


@WIDTHS
def test_the_help_is_whole_on_the_screen(case_page, width):
    case_page.set_viewport_size({"width": width, "height": 844})
    case_page.keyboard.press("?")
    help_ = case_page.get_by_role("dialog", name="Keys")
    expect(help_.get_by_text("Invert the picture")).to_be_visible()
    assert help_.evaluate("box => box.scrollWidth <= box.clientWidth")
    case_page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
