"""Rotation, flip and zoom carry along whatever lies over the picture; lengths are those of the header."""

import re

import numpy as np
import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.viewed import ACTUAL, DRAWN, SCREENS, on_screen, open_picture
from tests.factories import make_prediction, make_release, places
from tests.pictures import dicom
from triage.inference.case_update import update_cases
from triage.models import Job

pytestmark = [pytest.mark.e2e]

# A bright plate in the dark, whose corners are a box of the model and the ends of a measure.
SHAPE = (400, 600)
PLATE = {"x": 0.2, "y": 0.3, "width": 0.25, "height": 0.2}
MIDDLES = """selector => [...document.querySelectorAll(selector)].map(element => {
    const box = element.getBoundingClientRect();
    const viewer = document.getElementById("viewer").getBoundingClientRect();
    return [box.left - viewer.left, box.top - viewer.top, box.right - viewer.left, box.bottom - viewer.top];
})"""
BOX = ".film .boxes:not([hidden]) .over"
LINE = ".measures:not(.own-places) .over"


def film(**tags: object) -> bytes:
    stored = np.full(SHAPE, 300, np.uint16)
    left, top = round(PLATE["x"] * SHAPE[1]), round(PLATE["y"] * SHAPE[0])
    wide, high = round(PLATE["width"] * SHAPE[1]), round(PLATE["height"] * SHAPE[0])
    stored[top : top + high, left : left + wide] = 3900
    stored[0, :4] = 0, 4095, 0, 4095
    return dicom(stored, WindowCenter="2048", WindowWidth="4096", **tags)


def plate_on_screen(page) -> list[float]:
    bright = on_screen(page) > 200
    rows, columns = np.flatnonzero(bright.sum(1) > 40), np.flatnonzero(bright.sum(0) > 40)
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


def drag(page, start, end) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def corner(page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture (fractions) is in the window."""
    return tuple(
        page.evaluate(
            """([x, y]) => {
              const { pane, offsetParent } = document.getElementById("viewer");
              const [a, b, c, d, e, f] = pane.matrix, { width, height } = pane.size;
              const viewer = document.getElementById("viewer").getBoundingClientRect();
              const at = [x * width, y * height];
              return [viewer.left + a * at[0] + c * at[1] + e, viewer.top + b * at[0] + d * at[1] + f];
            }""",
            [x, y],
        )
    )


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", ["webgl2", "canvas"])
def test_turned_and_mirrored_everything_stays_on_its_bone(web_site, page, size, kind):
    page.add_init_script(SCREENS[kind])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    case = open_picture(web_site, page, film())
    Job.objects.all().delete()
    box = [{**PLATE, "score": 0.9}]
    make_prediction(case.first_image, make_release(), "spiral", 0.9, **places("positive", box))
    with transaction.atomic():
        update_cases([case.pk])
    page.reload()
    page.wait_for_function(DRAWN)
    page.keyboard.press("b")  # the boxes' letters are bright too
    page.keyboard.press("m")
    right, bottom = PLATE["x"] + PLATE["width"], PLATE["y"] + PLATE["height"]
    drag(page, corner(page, PLATE["x"], PLATE["y"]), corner(page, right, bottom))
    page.evaluate('document.querySelector(".measures:not(.own-places)").style.opacity = 0')
    page.keyboard.press("m")
    seen = set()
    for key in ("", "r", "f", "r", "r", "f", "+", "-"):
        if key:
            page.keyboard.press(key)
        page.wait_for_function(DRAWN)
        plate = plate_on_screen(page)
        seen.add(tuple(plate))
        page.keyboard.press("b")
        for selector in (BOX, LINE):
            (found,) = page.evaluate(MIDDLES, selector)
            assert found == pytest.approx(plate, abs=2.5), (key, selector)
        page.keyboard.press("b")
    assert len(seen) >= 6


def test_a_length_is_the_headers_and_says_which(web_site, page):
    """Rows are twice as far apart as columns: the picture is shown with square pixels."""
    cases = {
        "at the detector": {"ImagerPixelSpacing": [0.2, 0.1]},
        "in the patient": {
            "PixelSpacing": [0.2, 0.1],
            "PixelSpacingCalibrationType": "FIDUCIAL",
        },
        "pixels": {"PixelAspectRatio": [2, 1]},
    }
    for plane, tags in cases.items():
        page.context.clear_cookies()
        open_picture(web_site, page, film(**tags))
        page.keyboard.press("m")
        drag(page, corner(page, 0.1, 0.2), corner(page, 0.6, 0.2))
        drag(page, corner(page, 0.3, 0.1), corner(page, 0.3, 0.6))
        across, down = page.locator(".measures text").all_text_contents()
        assert plane in across
        # 300 columns of 0.1 mm, 200 rows of 0.2 mm; square pixels of 1 where nothing is known.
        lengths = [float(text.split()[0]) for text in (across, down)]
        expected = [300, 400] if plane == "pixels" else [30, 40]
        assert lengths == pytest.approx(expected, rel=0.01)
        page.keyboard.press("g")
        drag(page, corner(page, 0.6, 0.5), corner(page, 0.3, 0.5))
        page.mouse.click(*corner(page, 0.3, 0.9))
        expect(page.locator(".measures text").last).to_have_text("90.0°")
        page.get_by_role("button", name="Remove measures").click()
        expect(page.locator(".measures polyline")).to_have_count(0)


def test_a_length_has_one_picture(web_site, page):
    """What was begun on one is given up on the next: its points would be millimetres of another film."""
    open_picture(web_site, page, film(), film(ImagerPixelSpacing=[0.1, 0.1]))
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.locator(".strip a").nth(1).click()
    page.wait_for_function(DRAWN)
    page.locator("#viewer").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#said")).not_to_contain_text("mm")
    for key in ("ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text("0 mm")  # begun here
    page.keyboard.press("Escape")
    page.locator(".strip a").first.click()
    page.wait_for_function(DRAWN)
    expect(page.locator(".measures text")).to_have_count(0)


def test_a_mirrored_picture_says_so(web_site, page):
    open_picture(web_site, page, film())
    expect(page.locator("#view-numbers")).not_to_contain_text("Mirrored")
    page.keyboard.press("f")
    expect(page.locator("#view-numbers")).to_contain_text("Mirrored")
    page.keyboard.press("0")
    expect(page.locator("#view-numbers")).not_to_contain_text("Mirrored")


def test_a_length_and_an_angle_are_measured_by_keyboard(web_site, page):
    open_picture(web_site, page, film(ImagerPixelSpacing=[0.1, 0.1]))
    page.evaluate(ACTUAL)
    said = page.locator("#said")
    page.keyboard.press("m")
    expect(page.locator("#viewer")).to_be_focused()
    expect(page.locator("#viewer .key-mark")).to_be_visible()
    page.keyboard.press("Enter")
    for key in ("ArrowRight",) * 3 + ("Shift+ArrowRight",) * 4:
        page.keyboard.press(key)
    expect(said).to_have_text("3.4 mm, at the detector")
    page.keyboard.press("Enter")
    expect(page.locator(".measures text")).to_have_text("3.4 mm, at the detector")
    expect(said).to_have_text("3.4 mm, at the detector")
    page.keyboard.press("ArrowDown")  # the next one begins with Enter
    expect(page.locator(".measures text")).to_have_count(1)
    # Where the mark is, not what was measured.
    expect(said).to_have_text(re.compile(r"^(?!.*mm).+$"))
    page.keyboard.press("Escape")
    expect(page.locator("#viewer .key-mark")).to_be_hidden()
    page.keyboard.press("g")
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".measures text").last).to_have_text("90.0°")
    expect(said).to_have_text("90.0°")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # what was begun is given up
    expect(page.locator(".measures text")).to_have_count(2)
    # Without a tool the arrows are the page's.
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer .key-mark")).to_be_hidden()
