"""The model's boxes over the picture, in a browser: on the same bone, whatever is done to it."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import BOXES, make_case, make_prediction, make_release, places
from triage.inference.case_update import update_cases
from triage.models import Job
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]

# Each shown box's edges as fractions of the picture as it lies on the screen, the best box last.
EDGES = """() => {
    const image = document.getElementById("image"), outer = image.getBoundingClientRect();
    const [width, height] = [image.getAttribute("width"), image.getAttribute("height")].map(Number);
    const scale = Math.min(outer.width / width, outer.height / height); // object-fit: contain
    const left = outer.x + (outer.width - width * scale) / 2;
    const top = outer.y + (outer.height - height * scale) / 2;
    return [...document.querySelectorAll(".film .boxes:not([hidden]) .over")].map(rect => {
        const to = rect.getScreenCTM(), box = rect.getBBox();
        const zero = new DOMPoint(box.x, box.y).matrixTransform(to);
        const end = new DOMPoint(box.x + box.width, box.y + box.height).matrixTransform(to);
        return [(zero.x - left) / (width * scale), (zero.y - top) / (height * scale),
                (end.x - zero.x) / (width * scale), (end.y - zero.y) / (height * scale)];
    });
}"""
LETTERS = """() => [...document.querySelectorAll(".film .boxes:not([hidden]) text")]
    .map(text => text.getBoundingClientRect().height)"""
# Pixels between the outer edge of a box's line and each side of the viewer, which cuts off what is beyond.
ROOM = """line => {
    const viewer = document.getElementById("viewer").getBoundingClientRect();
    const rect = document.querySelector(`.film .boxes:not([hidden]) .${line}`);
    const half = parseFloat(getComputedStyle(rect).strokeWidth) / 2, box = rect.getBoundingClientRect();
    return [box.left - half - viewer.left, box.top - half - viewer.top,
            viewer.right - box.right - half, viewer.bottom - box.bottom - half];
}"""
# After the script has seen the new size of the window, and has fitted the picture into it.
AS_ON_A_SCREEN = """async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    Object.assign(document.getElementById("frame").style, {width: "1500px", height: "90px"});
}"""
EXPECTED = [[box[side] for side in ("x", "y", "width", "height")] for box in reversed(BOXES)]


def lie_on_the_bone(page) -> bool:
    """To a pixel of a picture that fills the screen, and more closely when it is enlarged."""
    found = page.evaluate(EDGES)
    assert found == [pytest.approx(box, abs=0.001) for box in EXPECTED]
    return True


def open_case(web_site, page, **more):
    case = make_case(web_site.site, web_site.people.clinician, top="spiral", **more)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    return case


def test_boxes_follow_the_picture(web_site, page):
    open_case(web_site, page, finding=places("doubt"))
    lie_on_the_bone(page)
    letters = page.evaluate(LETTERS)
    assert letters[0] == pytest.approx(letters[1], abs=0.5)
    viewer = page.locator("#viewer").bounding_box()
    middle = (viewer["x"] + viewer["width"] / 2, viewer["y"] + viewer["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.wheel(0, -700)
    lie_on_the_bone(page)
    wide = page.evaluate("document.getElementById('image').getBoundingClientRect().width")
    assert wide > 3 * page.evaluate("document.getElementById('image').offsetWidth")
    # Letters and lines stay as they are: enlarged with the picture they would cover the bone.
    assert page.evaluate(LETTERS) == [pytest.approx(height, abs=1) for height in letters]
    zoom = page.evaluate(
        "getComputedStyle(document.getElementById('film')).getPropertyValue('--zoom')"
    )
    widths = page.evaluate(
        "['.rest .over', 'g:not(.rest) .over'].map(line => "
        "parseFloat(getComputedStyle(document.querySelector('.film ' + line)).strokeWidth))"
    )
    assert [line * float(zoom) for line in widths] == pytest.approx([2, 3], abs=0.1)
    page.mouse.down()
    page.mouse.move(middle[0] + 90, middle[1] - 60)
    page.mouse.up()
    lie_on_the_bone(page)
    page.keyboard.press("i")
    page.get_by_label("Window").first.select_option("Bone")
    lie_on_the_bone(page)
    expect(page.locator(".film .over").first).to_have_css("stroke", "rgb(127, 227, 247)")
    page.set_viewport_size({"width": 390, "height": 844})
    lie_on_the_bone(page)
    page.keyboard.press("0")
    lie_on_the_bone(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(LETTERS) == [pytest.approx(height, abs=1) for height in letters]


@pytest.mark.parametrize("call", ["doubt", "positive"])
def test_a_box_at_the_edge_of_the_picture_keeps_its_whole_line(web_site, page, call):
    whole = [{"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "score": 0.9}]
    open_case(web_site, page, finding=places(call, whole))
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        for line in ("under", "over"):
            # The viewer is fitted to the window a moment after the page has loaded.
            page.wait_for_function(f"line => Math.min(...({ROOM})(line)) >= 0", arg=line)


@pytest.mark.parametrize(("call", "dotted"), [("doubt", True), ("positive", False)])
def test_a_box_in_doubt_is_dotted_and_one_key_takes_it_off(web_site, page, call, dotted):
    open_case(web_site, page, finding=places(call))
    dashes = page.evaluate(
        "getComputedStyle(document.querySelector('.film .over')).strokeDasharray"
    )
    assert (dashes != "none") == dotted
    layer, toggle = page.locator(".film .boxes"), page.locator("#boxes-toggle")
    expect(layer).to_be_visible()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(layer).to_be_hidden()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(layer).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("The model's boxes on and off")
    page.keyboard.press("b")
    page.keyboard.press("Escape")
    expect(layer).to_be_visible()


def test_boxes_that_were_taken_off_stay_off_while_the_case_is_open(web_site, page):
    open_case(web_site, page, finding=places(), images=2)
    shown = page.locator(".film .boxes:not([hidden])")
    page.keyboard.press("b")
    for go in (
        lambda: page.locator(".strip a").nth(1).click(),
        page.reload,
        lambda: page.goto(page.url.replace("image=2", "image=1")),
    ):
        go()
        expect(page.locator("#boxes-toggle")).to_have_attribute("aria-pressed", "false")
        expect(shown).to_be_hidden()
    page.keyboard.press("b")
    expect(shown).to_be_visible()
    page.reload()
    expect(shown).to_be_visible()


def test_the_heat_map_is_the_detectors_and_the_types_are_one_choice_away(web_site, page):
    case = open_case(web_site, page, finding=places())
    address = f"/predictions/{case.deciding_prediction_id}/map"
    page.keyboard.press("h")
    expect(page.locator("#map")).to_have_attribute("src", f"{address}/fracture/")
    options = page.locator("#map-which option").all_inner_texts()
    assert options == ["Suspected fracture", "Spiral", "Avulsion"]
    page.locator("#map-which").select_option("top")
    expect(page.locator("#map")).to_have_attribute("src", f"{address}/top/")
    lie_on_the_bone(page)


def test_without_a_detector_the_page_is_as_it_was(web_site, page):
    case = open_case(web_site, page)
    expect(page.locator("#boxes-toggle")).to_be_hidden()
    page.keyboard.press("b")
    page.keyboard.press("h")
    address = f"/predictions/{case.deciding_prediction_id}/map/top/"
    expect(page.locator("#map")).to_have_attribute("src", address)
    assert page.locator("#map-which option").all_inner_texts() == ["Spiral", "Avulsion"]


def test_boxes_lie_on_the_bone_without_a_script_and_on_paper(web_site, page):
    open_case(web_site, page, finding=places("doubt"))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    # A printer gets the sizes that the script gave to the screen: it runs no script.
    page.evaluate(AS_ON_A_SCREEN)
    lie_on_the_bone(page)
    film, picture = (page.locator(name).bounding_box() for name in ("#film", "#image"))
    for side in (
        "width",
        "height",
    ):  # so that it is fitted into the paper's place, not the screen's
        assert picture[side] == pytest.approx(film[side], abs=1)
    for width, height in ((1440, 900), (390, 844)):
        context = page.context.browser.new_context(
            java_script_enabled=False,
            viewport={"width": width, "height": height},
            storage_state=page.context.storage_state(),
        )
        plain = context.new_page()
        plain.goto(page.url)
        lie_on_the_bone(plain)
        context.close()


def test_boxes_that_come_while_the_model_works_lie_over_their_own_picture(web_site, page):
    """The second picture is read while its page is open and the third still waits."""
    case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED, images=3)
    one, two, three = case.images.all()
    release = make_release()
    Job.objects.exclude(image=three).delete()
    make_prediction(one, release, "spiral", 0.9, **places("positive"))
    with transaction.atomic():
        update_cases([case.pk])
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/?image=2")
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("#boxes-toggle")).to_be_hidden()
    make_prediction(two, release, "spiral", 0.5, **places("doubt"))
    expect(page.locator('.film .boxes.doubt[data-of-image="2"]')).to_be_visible(timeout=10_000)
    expect(page.locator("#boxes-toggle")).to_be_visible()
    lie_on_the_bone(page)
    page.locator(".strip a").first.click()
    expect(page.locator('.film .boxes.positive[data-of-image="1"]')).to_be_visible()
    expect(page.locator(".film .boxes.doubt")).to_be_hidden()
    assert page.evaluate("window.neverReloaded")
