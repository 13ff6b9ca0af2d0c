"""Where things are on the page of a case: what is asked, the picture, the opinion, then the model."""

import pytest
from django.db import transaction
from playwright.sync_api import Page

from accounts.identifiers import new_id
from tests.disclosure.test_blind import read_by_the_model
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_release
from tests.readers import sign_as_shown
from triage.models import Case
from triage.review.claims import claim
from triage.review.drafts import save_draft
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
DESKS = pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
PHONE = {"width": 390, "height": 844}
NEXT = '[data-act="next"]'
SIGN_AND_NEXT = '[data-act="sign.next"]'
DRAFT = {"fracture": "certain", "classes": ["oblique"], "comment": "Compare with the other side."}
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


def prepare(state: str, web_site) -> Case:
    """A case whose page the reader may sign in this state."""
    site, people = web_site.site, web_site.people
    make_release()
    if state in ("failed", "received"):
        return make_case(site, people.clinician, state, images=2)
    if state in ("undecided", "claimed", "drafted", "refused"):
        said = {"assessable": False, "reason": "document"} if state == "refused" else {}
        case = make_case(site, people.clinician, images=2, finding=said)
        if state == "claimed":
            claim(case=case, reader=people.reviewer)
        if state == "drafted":
            save_draft(case=case, reader=people.reviewer, content=DRAFT, editor=new_id())
        return case
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    with transaction.atomic():
        read_by_the_model(case, top="spiral", confidence=0.9)
    if state == "blind":
        return case
    reader = people.reviewer if state == "locked" else people.clinician2
    if state == "third":
        rules = {"blind_percent": 100, "third_if_first_differs": True}
        set_reading_rules(site=site, actor=people.admin, **rules)
    lock_first_reading(case=case, reader=reader, given=GivenOpinion("none", comment="Clear."))
    if state == "third":
        sign_as_shown(case, reader, GivenOpinion("certain", classes=("spiral",)))
    return case


STATES = ("undecided", "claimed", "drafted", "refused", "failed", "received")
STATES = pytest.mark.parametrize("state", [*STATES, "blind", "locked", "third"])


@STATES
def test_in_every_state_the_opinion_sign_and_next_need_no_scrolling(web_site, page, state):
    case = prepare(state, web_site)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    for keys in ("", "1"):  # "1" opens the types
        if keys:
            page.keyboard.press(keys)
        for selector in (NEXT, SIGN_AND_NEXT):
            assert is_in_view(page, box(page, selector)), selector
        for last in (False, True):
            assert is_in_view(page, box(page, ANSWERS, last=last))
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


@STATES
def test_in_every_state_a_phone_has_them_at_its_foot(web_site, browser, page, state):
    case = prepare(state, web_site)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    touched = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, storage_state=page.context.storage_state()
    ).new_page()
    touched.goto(f"{web_site.url}/cases/{case.pk}/")
    for y in ("0", "document.body.scrollHeight"):
        touched.evaluate(f"scrollTo(0, {y})")
        bars = [box(touched, selector) for selector in (SIGN_AND_NEXT, NEXT)]
        for place in (*bars, box(touched, ANSWERS), box(touched, ANSWERS, last=True)):
            assert is_in_view(touched, place)
            assert place["y"] > 0.75 * PHONE["height"]
        # Next is as tall as Sign, beside it.
        assert bars[0]["y"] == pytest.approx(bars[1]["y"], abs=1)
        assert bars[0]["height"] == pytest.approx(bars[1]["height"], abs=1)
        assert bars[0]["x"] + bars[0]["width"] < bars[1]["x"]
    assert touched.evaluate("scrollY") > 200
    assert touched.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("width", [1280, 390])
def test_who_may_not_sign_has_next_without_scrolling(web_site, page, width):
    case = make_case(web_site.site, web_site.people.clinician)
    claim(case=case, reader=web_site.people.clinician2)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    assert is_in_view(page, box(page, NEXT))
    if width == 390:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        end = page.locator(".side > :last-child").bounding_box()
        assert end["y"] + end["height"] <= box(page, NEXT)["y"]


def test_what_was_signed_stands_before_what_the_model_said(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician, CaseState.REVIEWED)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    assert box(page, ".reviews")["y"] < box(page, "#model-output")["y"]


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
    phone.locator(
        "#map-toggle"
    ).tap()  # its choices lie in the row of tools, which scrolls by itself
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
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
