"""The viewer holds where something is missing, large, lost or small; the display is always there."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.viewed import DISPLAY_DRAWN, DRAWN, SCREENS, on_screen, open_picture
from tests.factories import make_case
from tests.pictures import dicom, pixels
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]

WINDOWED = {"WindowCenter": "2000", "WindowWidth": "2500"}
LOOK = 'document.getElementById("viewer").pane.look'
STATE = 'document.getElementById("viewer").pane.state'
CONTEXT = 'document.querySelector("#viewer .pixels").getContext("webgl2")'


def film() -> bytes:
    return dicom(pixels(420, 560, 12), **WINDOWED)


def drag(page, across: int, down: int, button: str = "right") -> None:
    box = page.locator("#viewer").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down(button=button)
    page.mouse.move(middle[0] + across, middle[1] + down, steps=3)
    page.mouse.up(button=button)


def test_a_rendition_that_does_not_come_leaves_the_display_and_says_so(web_site, page):
    page.route("**/rendition/", lambda route: route.abort())
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.locator("#view-numbers")).to_contain_text("Preview of 8 bits")
    expect(page.locator("#image")).to_have_css("opacity", "1")
    expect(page.locator("#viewer .pixels")).to_be_hidden()
    drag(page, 60, 0)  # a window can be set on what is there
    expect(page.locator("#viewer .pixels")).to_be_visible()
    assert page.evaluate(LOOK)["window"]["width"] > 256
    expect(page.locator("#view-numbers")).to_contain_text("Preview of 8 bits")


def test_what_is_set_while_the_rendition_comes_stays(web_site, page):
    case = open_picture(web_site, page, film())
    held = []
    page.route("**/rendition/", lambda route: held.append(route))
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.locator("#view-numbers")).to_contain_text("the full picture is coming")
    drag(page, -120, 0)
    expect(page.locator("#viewer .pixels")).to_be_visible()
    before = on_screen(page, DISPLAY_DRAWN)
    held[0].continue_()
    page.wait_for_function(DRAWN)
    assert np.abs(on_screen(page) - before).mean() < 3


def test_a_lost_context_comes_back_with_its_window(web_site, page):
    page.add_init_script(SCREENS["webgl2"])
    open_picture(web_site, page, film())
    drag(page, 60, -30)
    before = on_screen(page)
    page.evaluate(f"window.lose = {CONTEXT}.getExtension('WEBGL_lose_context')")
    page.evaluate("window.lose.loseContext()")
    expect(page.locator("#viewer .pixels")).to_be_hidden()
    expect(page.locator("#image")).to_have_css("opacity", "1")
    page.evaluate("window.lose.restoreContext()")
    expect(page.locator("#viewer .pixels")).to_be_visible()
    assert np.abs(on_screen(page) - before).max() == 0


def test_one_finger_scrolls_the_page_past_a_picture_that_fits(web_site, browser, page):
    open_picture(web_site, page, film())
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=page.context.storage_state(),
    )
    phone = context.new_page()
    phone.goto(page.url)
    phone.wait_for_function(DRAWN)
    swiped(phone, context)
    assert phone.evaluate("scrollY") > 100
    phone.evaluate("scrollTo(0, 0)")
    before = phone.evaluate(LOOK)["window"]
    phone.get_by_role("button", name="Set window").tap()
    swiped(phone, context)
    assert phone.evaluate("scrollY") == 0
    after = phone.evaluate(LOOK)["window"]
    assert after["center"] < before["center"]  # upwards is brighter
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("button", name="Set window").tap()
    pinched(phone, context)
    assert phone.evaluate('document.getElementById("viewer").pane.isEnlarged')
    expect(phone.locator("#viewer")).to_have_css("touch-action", "none")


def middle_of(phone) -> tuple[float, float]:
    box = phone.locator("#viewer").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.7


def swiped(phone, context) -> None:
    """One finger goes 250 pixels up, over the picture."""
    x, y = middle_of(phone)
    touches = [("touchStart", 0), *(("touchMove", 25 * step) for step in range(1, 11))]
    touched(phone, context, [(kind, [{"x": x, "y": y - far}]) for kind, far in touches])


def pinched(phone, context) -> None:
    x, y = middle_of(phone)
    touches = [("touchStart", 20), *(("touchMove", 20 + 10 * step) for step in range(9))]
    points = [
        (kind, [{"x": x - far, "y": y, "id": 0}, {"x": x + far, "y": y, "id": 1}])
        for kind, far in touches
    ]
    touched(phone, context, points)


def touched(phone, context, touches) -> None:
    tool = context.new_cdp_session(phone)
    for kind, points in [*touches, ("touchEnd", [])]:
        tool.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    phone.wait_for_timeout(400)


def test_without_a_script_every_picture_is_whole_and_can_be_reached(web_site, page):
    case = open_picture(
        web_site, page, film(), dicom(pixels(300, 200, 12, 5), SOPInstanceUID="1.2")
    )
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url)
    for number, image in enumerate(case.images.order_by("position")):
        plain.locator(".strip a").nth(number).click()
        expect(plain.locator("#image")).to_have_attribute("src", f"/images/{image.pk}/display/")
        assert plain.locator("#image").bounding_box()["height"] > 200
        expect(plain.locator(".picture-tools")).to_be_hidden()
        expect(plain.locator("#view-numbers")).to_be_hidden()


def test_a_place_is_drawn_kept_in_the_form_and_taken_away(web_site, page):
    open_picture(web_site, page, film())

    def value() -> list[dict]:
        return json.loads(page.locator("#review-form [name=places]").input_value() or "[]")

    page.keyboard.press("q")
    drag(page, 80, 60, "left")
    expect(page.locator("#review-form [value=certain]")).to_be_checked()  # as a type says it
    (box,) = value()
    assert box["image"] == 1
    assert (box["x"], box["y"]) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))
    assert box["width"] > 0.05
    viewer = page.locator("#viewer").bounding_box()
    page.mouse.click(viewer["x"] + viewer["width"] / 2 - 90, viewer["y"] + viewer["height"] / 2)
    assert len(value()) == 2
    assert value()[1]["width"] == 0
    expect(page.locator(".own-places .over")).to_have_count(2)
    page.mouse.click(viewer["x"] + viewer["width"] / 2 - 90, viewer["y"] + viewer["height"] / 2)
    assert len(value()) == 1
    page.keyboard.press("3")  # no fracture has no place, and the picture shows none
    expect(page.locator(".own-places .over")).to_have_count(0)
    drag(page, 80, 60, "left")
    assert len(value()) == 1


def test_a_signed_place_is_shown_on_its_picture(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    place = {"image": 1, "x": 0.25, "y": 0.5, "width": 0.25, "height": 0.25}
    sign(
        case=case,
        reader=web_site.people.reviewer,
        given=GivenOpinion(fracture="certain", places=(place,)),
        prediction_id=case.deciding_prediction_id,
    )
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.wait_for_function(DRAWN)
    drawn = page.locator(".signed-places .over")
    expect(drawn).to_be_visible()
    box, picture = drawn.bounding_box(), page.locator("#image").bounding_box()
    assert box["x"] - picture["x"] == pytest.approx(picture["width"] / 4, abs=6)
    expect(page.get_by_text("Drawn by the reader, dashed: box on picture 1.")).to_be_visible()
