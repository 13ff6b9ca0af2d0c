"""Two pictures side by side: two views of a case, or a case and one before."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.viewed import DRAWN, open_picture
from tests.pictures import dicom, pixels

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
