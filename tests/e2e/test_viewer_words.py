"""What the viewer says of a picture, and that text and picture are whole wherever they lie on the screen."""

import io

import numpy as np
import pytest
from PIL import Image as Picture
from playwright.sync_api import expect

from tests.e2e.test_viewer_windows import WINDOW, film
from tests.e2e.viewed import open_picture

pytestmark = [pytest.mark.e2e]

TWO = {"WindowCenter": ["2000", "1700"], "WindowWidth": ["2500", "3000"]}


def test_only_the_headers_own_window_is_by_the_header(web_site, page):
    open_picture(web_site, page, film(12, WindowCenter="2000", WindowWidth="2500")[1])
    words = page.locator("#view-numbers")
    expect(words).to_contain_text("2,000 / 2,500 (by the header)")
    for key in "6789":
        page.keyboard.press(key)
        expect(words).to_contain_text("(values of the header)")
        expect(words).not_to_contain_text("by the header")
    page.keyboard.press("5")
    expect(words).to_contain_text("2,000 / 2,500 (by the header)")


def test_the_key_of_the_headers_window_goes_through_all_of_them(web_site, page):
    open_picture(web_site, page, film(12, **TWO)[1])
    choice = page.locator("#tools label:visible").get_by_label("Window")
    for center, width, place in ((1700, 3000, 1), (2000, 2500, 0), (1700, 3000, 1)):
        page.keyboard.press("5")
        expect(page.locator("#view-numbers")).to_contain_text(f"{center:,} / {width:,} (by")
        expect(choice).to_have_js_property("selectedIndex", place)
        window = page.evaluate(WINDOW)["window"]
        assert (window["center"], window["width"]) == (center, width)
    page.keyboard.press("7")
    page.keyboard.press("5")  # from another window: to the header's first
    expect(page.locator("#view-numbers")).to_contain_text("2,000 / 2,500 (by")


def test_a_turned_picture_says_so(web_site, page):
    open_picture(web_site, page, film(12)[1])
    words = page.locator("#view-numbers")
    expect(words).to_contain_text("Zoom")
    expect(words).not_to_contain_text("Rotated")
    for angle in (90, 180, 270):
        page.locator('[data-do="rotate"]').click()
        expect(words).to_contain_text(f"Rotated by {angle}°")
    page.locator('[data-do="rotate"]').click()
    expect(words).not_to_contain_text("Rotated")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_text_of_a_length_ends_on_the_screen(web_site, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_picture(web_site, page, film(12, ImagerPixelSpacing=["0.2", "0.2"])[1])
    box = page.locator("#viewer").bounding_box()
    page.locator('[data-tool="length"]').click()
    for turn in range(2):
        for at in (0.3, 0.97):
            x, y = box["x"] + box["width"] * at, box["y"] + box["height"] / 2
            page.mouse.move(x - 40, y)
            page.mouse.down()
            page.mouse.move(x, y, steps=3)
            page.mouse.up()
            text = page.locator(".measures text").last
            expect(text).to_contain_text("at the detector")
            found = text.bounding_box()
            assert found["x"] >= box["x"], turn
            assert found["x"] + found["width"] <= box["x"] + box["width"], turn
        page.locator('[data-do="rotate"]').click()


def test_a_picture_that_is_scrolled_half_away_has_its_lower_half(web_site, page):
    """In a browser without a graphics processor, as this one is."""
    page.set_viewport_size({"width": 390, "height": 844})
    open_picture(web_site, page, film(12, WindowCenter="2000", WindowWidth="2500")[1])
    page.locator("#view-numbers").evaluate("numbers => numbers.style.visibility = 'hidden'")
    before, top = middle_column(page)
    page.evaluate("scrollTo(0, 250)")
    page.wait_for_timeout(500)
    after, moved_to = middle_column(page)
    assert moved_to < top
    height = round(page.locator("#viewer").bounding_box()["height"])
    lower = slice(height // 2, height * 9 // 10)  # of the picture, in sight before and after
    there = before[top + lower.start : top + lower.stop].astype(int)
    here = after[moved_to + lower.start : moved_to + lower.stop].astype(int)
    assert there.max() > 50
    # Chromium loses the lower half of WebGL that a processor draws, though not in each of its versions.
    assert page.evaluate('document.getElementById("viewer").pane.screen.kind') == "canvas"
    assert np.abs(there - here).max() <= 3


def middle_column(page) -> tuple[np.ndarray, int]:
    """The greys down the middle of the screen, and where the viewer begins there."""
    shot = np.asarray(Picture.open(io.BytesIO(page.screenshot())).convert("L"))
    return shot[:, 195], round(page.locator("#viewer").bounding_box()["y"])
