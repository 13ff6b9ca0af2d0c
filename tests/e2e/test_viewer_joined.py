"""The viewer as it is served, in two files: it does what its modules do one by one."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from config.joining import JOINED, joined
from tests.architecture.test_floors import REPOSITORY
from tests.e2e.viewed import DRAWN, difference, on_screen, open_picture, picture_on_screen
from tests.pictures import dicom, pixels

pytestmark = [pytest.mark.e2e]


def source(name: str) -> str:
    return (REPOSITORY / "static" / name).read_text()


def serves(body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=body, content_type="text/javascript")


def film(seed: int) -> bytes:
    window = {"WindowCenter": "2000", "WindowWidth": "2500"}
    return dicom(pixels(420, 560, 12, seed), SOPInstanceUID=f"1.2.3.{seed}", **window)


def test_the_joined_viewer_draws_measures_and_compares_as_its_modules_do(web_site, page):
    open_picture(web_site, page, film(1), film(2))
    apart = picture_on_screen(page, (420, 560))
    # The page of this test names all modules beforehand. Whoever needs one that is joined fails.
    for name in ("viewer/*.js", "rendition.js"):
        page.context.route(f"**/static/js/{name}", serves('throw new Error("by itself");'))
    for name in JOINED:
        page.context.route(f"**/static/{name}", serves(joined(name, source)))
    page.reload()
    page.wait_for_function(DRAWN)
    assert difference(picture_on_screen(page, (420, 560)), apart) == 0
    page.keyboard.press("m")
    for key in ("Enter", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".measures text")).to_have_text("20 pixels")
    page.keyboard.press("0")
    page.keyboard.press("v")
    page.wait_for_function(DRAWN.replace('"viewer"', '"beside"'))
    page.keyboard.press("i")
    page.wait_for_function(DRAWN)
    assert np.ptp(on_screen(page)) > 100
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
