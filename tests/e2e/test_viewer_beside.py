"""Two pictures side by side: two views of a case, or a case and one before."""

import re

import numpy as np
import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.viewed import DRAWN, open_picture
from tests.factories import make_case, make_prediction, make_release
from tests.pictures import dicom, pixels
from triage.inference.case_update import update_cases
from triage.models import Job

pytestmark = [pytest.mark.e2e]

BESIDE_DRAWN = DRAWN.replace('"viewer"', '"beside"')
STATE = """id => {
  const { pane } = document.getElementById(id), { look, standard } = pane;
  const fit = Math.min((pane.room.width - 6) / pane.size.width, (pane.room.height - 6) / pane.size.height);
  return {
    enlarged: pane.zoom / devicePixelRatio / fit, x: pane.view.x, y: pane.view.y, inverted: pane.inverted,
    wider: look.window.width / standard.window.width, name: look.name, display: pane.facts.display,
  };
}"""


def film(seed: int, **tags: object) -> bytes:
    stored = pixels(300, 400, 12, seed)
    return dicom(stored, SOPInstanceUID=f"1.2.3.{seed}", **tags)


def both(page) -> tuple[dict, dict]:
    page.wait_for_function(BESIDE_DRAWN)
    page.wait_for_function(DRAWN)
    return page.evaluate(STATE, "viewer"), page.evaluate(STATE, "beside")


def drag(page, box: dict, across: int, down: int) -> None:
    """With the right button, from the middle of a box."""
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down(button="right")
    page.mouse.move(middle[0] + across, middle[1] + down, steps=3)
    page.mouse.up(button="right")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_two_views_are_enlarged_and_windowed_together(web_site, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    narrow = {"WindowCenter": "2000", "WindowWidth": "1000"}
    wide = {"WindowCenter": "2400", "WindowWidth": "3000"}
    case = open_picture(web_site, page, film(1, **narrow), film(2, **wide))
    one, two = case.images.all()
    page.keyboard.press("v")
    left, right = both(page)
    assert (left["display"], right["display"]) == (
        f"/images/{one.pk}/display/",
        f"/images/{two.pk}/display/",
    )
    viewer, beside = (page.locator(name).bounding_box() for name in ("#viewer", "#beside"))
    apart = "x" if size[0] > 1000 else "y"
    assert beside[apart] > viewer[apart]
    page.keyboard.press("+")
    page.keyboard.press("+")
    left, right = both(page)
    assert left["enlarged"] == pytest.approx(1.5625, rel=0.01)
    assert right["enlarged"] == pytest.approx(left["enlarged"], rel=0.01)
    drag(page, viewer, 50, 20)
    left, right = both(page)
    assert left["wider"] == pytest.approx(np.exp(50 / 250), rel=0.01)
    assert right["wider"] == pytest.approx(left["wider"], rel=0.01)  # each by its own window
    page.keyboard.press("7")
    page.keyboard.press("i")
    left, right = both(page)
    assert left["name"] == right["name"] == "bone"
    assert left["inverted"]
    assert right["inverted"]
    page.get_by_role("button", name="Linked").click()
    page.keyboard.press("0")
    left, right = both(page)
    assert left["enlarged"] == pytest.approx(1, rel=0.01)
    assert right["enlarged"] > 1.5
    assert right["inverted"]
    page.keyboard.press("v")
    expect(page.locator("#beside")).to_be_hidden()


def test_a_picture_of_an_earlier_case_stands_beside_this_one(web_site, page):
    before = open_picture(web_site, page, film(1), patient_reference="P-1")
    page.context.clear_cookies()
    case = open_picture(web_site, page, film(2), patient_reference="P-1")
    page.keyboard.press("v")
    left, right = both(page)
    assert left["display"] == f"/images/{case.first_image.pk}/display/"
    assert right["display"] == f"/images/{before.first_image.pk}/display/"
    alt = page.locator("#beside .image").get_attribute("alt")
    assert alt.startswith("Earlier X-ray")
    assert "P-1" not in page.locator(".stage").inner_text()


def test_a_picture_alone_says_that_there_is_no_other(web_site, page):
    open_picture(web_site, page, film(1))
    page.keyboard.press("v")
    expect(page.locator("#said")).to_have_text("There is no other picture of this patient")
    expect(page.locator("#beside")).to_be_hidden()


def test_each_of_two_views_has_its_own_map(web_site, page):
    case = open_picture(web_site, page, film(1), film(2))
    Job.objects.all().delete()
    release = make_release()
    one, two = (
        make_prediction(image, release, top, 0.8)
        for image, top in zip(case.images.all(), ("spiral", "oblique"), strict=True)
    )
    with transaction.atomic():
        update_cases([case.pk])
    page.goto(f"{web_site.url}/cases/{case.pk}/?image=1")
    page.wait_for_function(DRAWN)
    page.keyboard.press("v")
    page.wait_for_function(BESIDE_DRAWN)
    page.keyboard.press("h")
    first, second = page.locator("#viewer .map"), page.locator("#beside .map")
    # The map of spiral: the other picture has none, and shows none of another class under its name.
    expect(first).to_have_attribute("src", f"/predictions/{one.pk}/map/top/")
    expect(second).to_be_hidden()
    # Both pictures have the map of the second type of each.
    page.locator("#map-which").select_option(label="Avulsion")
    expect(first).to_have_attribute("src", f"/predictions/{one.pk}/map/rival/")
    expect(second).to_have_attribute("src", f"/predictions/{two.pk}/map/rival/")
    page.locator("#map-strength").fill("30")
    expect(second).to_have_css("opacity", "0.3")
    page.locator("#map-which").select_option(label="Oblique")
    expect(first).to_be_hidden()
    expect(second).to_have_attribute("src", f"/predictions/{two.pk}/map/top/")
    places = [layer.bounding_box() for layer in (second, page.locator("#beside .pixels"))]
    assert places[0]["x"] > places[1]["x"] - 1
    page.keyboard.press("v")
    expect(page.locator("#map-which option")).to_have_count(2)


def test_no_map_of_this_case_lies_over_a_picture_of_an_earlier_one(web_site, page):
    make_case(web_site.site, web_site.people.clinician, patient_reference="P-1")
    case = make_case(web_site.site, web_site.people.clinician, patient_reference="P-1")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("v")
    page.keyboard.press("h")
    expect(page.locator("#viewer .map")).to_be_visible()
    expect(page.locator("#beside .image")).to_have_attribute("alt", re.compile("^Earlier"))
    expect(page.locator("#beside .map")).to_be_hidden()
