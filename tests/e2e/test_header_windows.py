"""Every window of a header, however much it clips: its numbers, its pixels, and what a drag brings back."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from classifier.voi import window as voi_window
from tests.e2e.test_viewer_beside import drag
from tests.e2e.viewed import DRAWN, SCREENS, difference, open_picture, picture_on_screen
from tests.pictures import dicom, pixels
from triage.models import Image

pytestmark = [pytest.mark.e2e]

SHAPE = (300, 420)
BESIDE_DRAWN = DRAWN.replace('"viewer"', '"beside"')
LOOK = "id => document.getElementById(id).pane.look"
# Centre and width, of 12 bits: the two of an export, nearly all white, nearly all black, and thresholds.
WINDOWS = [(2000, 2500), (3000, 1000), (500, 300), (3500, 200), (2048, 1), (1500, 2)]
NAMES = ["NORMAL", "BONE", "LOW", "HIGH", "ONE", "TWO"]
# Bits, function, photometric, sign, slope, and what draws.
FILMS = {
    "12 bits": (12, "LINEAR", "MONOCHROME2", False, 1, "webgl2"),
    "12 bits, exact, MONOCHROME1": (12, "LINEAR_EXACT", "MONOCHROME1", False, 1, "canvas"),
    "12 bits, signed, sigmoid": (12, "SIGMOID", "MONOCHROME2", True, 1, "canvas"),
    "16 bits, MONOCHROME1": (16, "LINEAR", "MONOCHROME1", False, 1, "canvas"),
    "16 bits, sigmoid": (16, "SIGMOID", "MONOCHROME2", False, 1, "webgl2"),
    "16 bits, falling": (16, "LINEAR", "MONOCHROME2", True, -2, "canvas"),
}


class Film:
    """A picture whose header offers all of ``WINDOWS``. ``levels``: (H, W), what they are in."""

    def __init__(self, name: str, seed: int = 1) -> None:
        self.bits, self.function, photometric, signed, slope, self.screen = FILMS[name]
        self.white_zero = photometric == "MONOCHROME1"
        stored = pixels(*SHAPE, bits=self.bits, seed=seed).astype(int)
        lift = signed << (self.bits - 1)
        intercept = (1 << self.bits) * abs(slope)
        self.levels = (stored - lift) * slope + intercept
        least, scale = self.levels.min() // 100 * 100, np.ptp(self.levels) / 3900
        self.windows = [
            (least + round(center * scale), width if width < 3 else round(width * scale))
            for center, width in WINDOWS
        ]
        values = (stored - lift).astype(np.int16 if signed else np.uint16)
        self.data = dicom(
            values,
            self.bits,
            SOPInstanceUID=f"1.2.3.{seed}",
            PhotometricInterpretation=photometric,
            RescaleSlope=str(slope),
            RescaleIntercept=str(intercept),
            VOILUTFunction=self.function,
            WindowCenter=[str(int(center)) for center, _ in self.windows],
            WindowWidth=[str(int(width)) for _, width in self.windows],
            WindowCenterWidthExplanation=NAMES,
        )

    def greys(self, look: dict) -> np.ndarray:
        """numpy's own rendering."""
        by = look["window"]
        grey = voi_window(self.levels.astype(float), by["center"], by["width"], by["shape"])
        return np.round((1 - grey if self.white_zero else grey) * 255).astype(int)


def of_before(case) -> None:
    Image.objects.filter(case=case).update(look=None)


def numbers(center: float, width: float, words: str) -> re.Pattern[str]:
    center_said, width_said = (
        f"{number:,.{0 if width >= 10 else 3}f}" for number in (center, width)
    )
    return re.compile(re.escape(f"Window {center_said} / {width_said} ({words})"))


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("said", [True, False], ids=["said", "of before"])
def test_each_window_of_a_header_is_its_own_and_a_drag_widens_it(web_site, page, name, said):
    film = Film(name)
    page.add_init_script(SCREENS[film.screen])
    case = open_picture(web_site, page, film.data)
    assert [curve["name"] for curve in case.images.get().curves] == NAMES
    if not said:
        of_before(case)
        page.reload()
        page.wait_for_function(DRAWN)
    shown = page.locator("#viewer .view-numbers")
    choice = page.locator("#tools label:visible").get_by_label("Window")
    for place, (center, width) in enumerate(film.windows):
        choice.select_option(index=place)
        expect(shown).to_contain_text(numbers(center, width, "by the header"))
        look = page.evaluate(LOOK, "viewer")
        assert look["window"] == {"center": center, "width": width, "shape": film.function}
        clipped = film.greys(look)
        assert difference(picture_on_screen(page, SHAPE), clipped) <= 1, (center, width)
        drag(page, page.locator("#viewer").bounding_box(), 300, 0)
        expect(shown).to_contain_text("(values of the header)")
        look = page.evaluate(LOOK, "viewer")
        wide = film.greys(look)
        assert difference(picture_on_screen(page, SHAPE), wide) <= 1, (center, width)
        assert between(wide) > between(clipped) or between(clipped) == 1


def between(greys: np.ndarray) -> float:
    """How much of a picture is neither black nor white."""
    return float(((greys > 0) & (greys < 255)).mean())


def test_side_by_side_each_has_the_windows_of_its_own_header(web_site, page):
    """Mostly saturated by the second one, which stands first in the other picture's header."""
    one, two = Film("12 bits", 1), Film("16 bits, MONOCHROME1", 2)
    open_picture(web_site, page, one.data, two.data)
    page.keyboard.press("5")
    page.keyboard.press("v")
    page.wait_for_function(BESIDE_DRAWN)
    for viewer, film, window in (("viewer", one, 1), ("beside", two, 0)):
        shown = page.locator(f"#{viewer} .view-numbers")
        expect(shown).to_contain_text(numbers(*film.windows[window], "by the header"))
        drawn = DRAWN.replace('"viewer"', f'"{viewer}"')
        found = picture_on_screen(page, SHAPE, viewer, drawn)
        assert difference(found, film.greys(page.evaluate(LOOK, viewer))) <= 1
    drag(page, page.locator("#viewer").bounding_box(), 100, -30)
    for viewer, film in (("viewer", one), ("beside", two)):
        drawn = DRAWN.replace('"viewer"', f'"{viewer}"')
        expect(page.locator(f"#{viewer} .view-numbers")).to_contain_text("(values of the header)")
        found = picture_on_screen(page, SHAPE, viewer, drawn)
        assert difference(found, film.greys(page.evaluate(LOOK, viewer))) <= 1


def test_a_drag_before_the_rendition_has_come_brings_back_what_is_clipped_once_it_is_there(
    web_site, page
):
    film = Film("12 bits")
    case = open_picture(web_site, page, film.data)
    held = []
    page.route("**/rendition/", lambda route: held.append(route))
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.locator("#view-numbers")).to_contain_text("the full picture is coming")
    drag(page, page.locator("#viewer").bounding_box(), 200, 0)
    held[0].continue_()
    page.wait_for_function(DRAWN)
    look = page.evaluate(LOOK, "viewer")
    assert look["scale"]["unit"] == "header"
    assert look["window"]["width"] == pytest.approx(
        (film.windows[0][1] - 1) * np.exp(200 / 250), rel=0.01
    )
    assert difference(picture_on_screen(page, SHAPE), film.greys(look)) <= 1


def test_without_a_rendition_another_window_is_that_of_its_own_display(web_site, page):
    """What was set on the greys of one display is not shown under the other one's name."""
    film = Film("12 bits")
    case = open_picture(web_site, page, film.data)
    page.route("**/rendition/", lambda route: route.abort())
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.locator("#view-numbers")).to_contain_text("Preview of 8 bits")
    drag(page, page.locator("#viewer").bounding_box(), 60, 0)
    expect(page.locator("#viewer .pixels")).to_be_visible()
    page.keyboard.press("5")
    page.keyboard.press("5")
    expect(page.locator("#image")).to_have_attribute("src", re.compile("display-2"))
    expect(page.locator("#viewer .pixels")).to_be_hidden()
    expect(page.locator("#image")).to_have_css("opacity", "1")


def test_a_table_of_a_picture_of_before_is_guessed_and_called_so(web_site, page):
    rising = dicom(
        pixels(*SHAPE, bits=12),
        12,
        WindowCenter="2000",
        WindowWidth="900",
        VOILUTFunction="SIGMOID",
    )
    case = open_picture(web_site, page, rising)
    curve = {"name": "", "center": None, "width": None, "start": 0, "size": 0}
    Image.objects.filter(case=case).update(look=None, display_by="table", curves=[curve])
    page.reload()
    page.wait_for_function(DRAWN)
    expect(page.locator("#view-numbers")).to_contain_text("128 / 255 (greys of the preview)")
