"""Where things are on the page of a case: what is asked, the picture, the opinion, then the model."""

import pytest
from playwright.sync_api import Page

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_release

pytestmark = [pytest.mark.e2e]
DESKS = pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
PHONE = {"width": 390, "height": 844}
SIGN = '[data-act="sign"]'
ANSWERS = "#review-form .answers [type=radio]"


def box(page: Page, selector: str, *, last: bool = False) -> dict[str, float]:
    found = page.locator(selector)
    place = (found.last if last else found.first).bounding_box()
    assert place, selector
    return place


def is_in_view(page: Page, place: dict[str, float]) -> bool:
    size = page.viewport_size
    return (
        place["x"] >= 0
        and place["x"] + place["width"] <= size["width"]
        and place["y"] >= 0
        and place["y"] + place["height"] <= size["height"]
    )


@pytest.fixture
def address(web_site, page) -> str:
    make_release()
    asked = {"clinical_question": "Fell on the hand. " * 8, "age_band": "65+", "sex": "F"}
    site, sender = web_site.site, web_site.people.clinician
    make_case(site, sender, patient_reference="P-1")
    case = make_case(site, sender, top="spiral", images=2, patient_reference="P-1", **asked)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    return f"{web_site.url}/cases/{case.pk}/"


@DESKS
def test_the_opinion_is_signed_without_scrolling_and_stands_before_the_model(
    page, address, width, height
):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.keyboard.press("1")
    assert is_in_view(page, box(page, ANSWERS)) and is_in_view(page, box(page, ANSWERS, last=True))
    assert is_in_view(page, box(page, SIGN))
    assert box(page, SIGN)["y"] < box(page, "#model-output")["y"]
    # Beside the picture, and what was asked above it.
    assert box(page, "#opinion")["x"] >= box(page, "#viewer")["x"] + box(page, "#viewer")["width"]
    assert box(page, ".asked")["y"] < box(page, "#viewer")["y"]
    assert box(page, "#viewer")["height"] > 0.4 * height
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # The picture and the button stay while the rest is read.
    page.evaluate("scrollTo(0, 60)")
    assert is_in_view(page, box(page, SIGN)) and is_in_view(page, box(page, "#viewer"))


@DESKS
def test_what_the_model_says_is_not_the_largest_text(page, address, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    sizes = page.evaluate(
        """() => Object.fromEntries(["#model-output", "h1", ".question dd"].map((place) => [place,
             Math.max(...[...document.querySelectorAll(`${place}, ${place} *`)]
               .map((element) => parseFloat(getComputedStyle(element).fontSize)))]))"""
    )
    assert sizes["#model-output"] < sizes["h1"]
    assert sizes["#model-output"] <= sizes[".question dd"] + 1


@pytest.fixture
def phone(browser, page, address):
    """The same person's page on a screen that is touched."""
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, storage_state=page.context.storage_state()
    )
    touched = context.new_page()
    touched.goto(address)
    return touched


def test_on_a_phone_the_answers_and_sign_stick_to_the_foot(phone):
    def assert_at_the_foot() -> None:
        for place in (box(phone, ANSWERS), box(phone, ANSWERS, last=True), box(phone, SIGN)):
            assert is_in_view(phone, place)
            assert place["y"] > 0.75 * PHONE["height"]

    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert_at_the_foot()
    phone.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert_at_the_foot()
    # The end of the page can be read above them.
    end = phone.locator(".side > :last-child").bounding_box()
    assert end["y"] + end["height"] <= box(phone, ANSWERS)["y"]
    # While somebody types they leave the keyboard's place.
    phone.get_by_label("Comment").focus()
    assert (
        phone.evaluate(f"getComputedStyle(document.querySelector('{SIGN}').parentElement).position")
        != "fixed"
    )


def test_a_finger_on_the_picture_scrolls_the_page(phone):
    viewer = box(phone, "#viewer")
    x, y = viewer["x"] + viewer["width"] / 2, viewer["y"] + viewer["height"] / 2
    finger = phone.context.new_cdp_session(phone)
    for step in range(16):
        kind = "touchMove" if step else "touchStart"
        touched = {"type": kind, "touchPoints": [{"x": x, "y": y - 20 * step}]}
        finger.send("Input.dispatchTouchEvent", touched)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.wait_for_timeout(200)
    assert phone.evaluate("scrollY") > 200
