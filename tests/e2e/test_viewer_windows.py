"""What is on the screen, pixel by pixel, against numpy's own rendering of the same stored values."""

import numpy as np
import pytest
from playwright.sync_api import expect
from pydicom import DataElement, Dataset
from pydicom.tag import Tag

from classifier.display import shown
from classifier.voi import window as voi_window
from tests.e2e.viewed import (
    DRAWN,
    SCREENS,
    difference,
    on_screen,
    open_picture,
    picture_on_screen,
    read,
)
from tests.pictures import dicom, pixels

pytestmark = [pytest.mark.e2e]

SHAPE = (420, 560)
WINDOWS = [
    (2048, 4096, "LINEAR"),
    (2048, 1024, "LINEAR"),
    (1500, 300, "LINEAR"),
    (3000.5, 77, "LINEAR"),
    (1800, 1, "LINEAR"),
    (1024, 2048, "LINEAR_EXACT"),
    (2222, 12.5, "LINEAR_EXACT"),
    (1900, 0.5, "LINEAR"),
    (2048, 1500, "SIGMOID"),
    (1200, 200, "SIGMOID"),
]
SET = """async ([center, width, shape, isSigned]) => {
  const { headerScales } = await import("/static/js/viewer/windowing.js");
  const { pane } = document.getElementById("viewer");
  pane.setLook({ scale: headerScales(pane.facts)[Number(isSigned)], window: { center, width, shape } });
}"""
WINDOW = 'document.getElementById("viewer").pane.look'


def film(bits: int, photometric: str = "MONOCHROME2", *, signed: bool = False, **tags: object):
    """(stored values, the file): of 12 or 16 bits, with grain."""
    stored = pixels(*SHAPE, bits=bits)
    if signed:
        stored = (stored.astype(int) - (1 << (bits - 1))).astype(np.int16)
    return stored, dicom(stored, bits, PhotometricInterpretation=photometric, **tags)


def numpys(levels: np.ndarray, window: tuple[float, float, str], *, white_zero: bool) -> np.ndarray:
    grey = voi_window(levels.astype(float), *window)
    return np.round((1 - grey if white_zero else grey) * 255).astype(int)


@pytest.fixture(params=["webgl2", "canvas"])
def screen(request, page):
    page.add_init_script(SCREENS[request.param])
    yield request.param
    kind = page.evaluate('document.getElementById("viewer").pane.screen.kind')
    assert kind == request.param


FILMS = {
    "12 bits": (12, {}, 1, 0),
    "16 bits": (16, {"RescaleSlope": "0.0625", "RescaleIntercept": "0"}, 0.0625, 0),
    "12 bits, MONOCHROME1": (12, {"photometric": "MONOCHROME1"}, 1, 0),
    "12 bits, signed": (12, {"signed": True, "RescaleIntercept": "2048"}, 1, 2048),
    "12 bits, falling": (12, {"RescaleSlope": "-1", "RescaleIntercept": "4095"}, -1, 4095),
}


@pytest.mark.parametrize("name", FILMS)
def test_ten_windows_are_numpys(web_site, page, screen, name):
    bits, tags, slope, intercept = FILMS[name]
    stored, data = film(bits, **tags)
    open_picture(web_site, page, data)
    levels = stored.astype(float) * slope + intercept
    white_zero = tags.get("photometric") == "MONOCHROME1"
    for window in WINDOWS:
        page.evaluate(SET, [*window, bool(tags.get("signed"))])
        found = picture_on_screen(page, SHAPE)
        assert difference(found, numpys(levels, window, white_zero=white_zero)) <= 1, window


@pytest.mark.parametrize(
    "tags",
    [
        {"WindowCenter": "2000", "WindowWidth": "2500"},
        {"WindowCenter": "2000", "WindowWidth": "2500", "photometric": "MONOCHROME1"},
        {"WindowCenter": "2000", "WindowWidth": "900", "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": "-100", "WindowWidth": "1800", "signed": True},
        {},
    ],
    ids=["window", "MONOCHROME1", "sigmoid", "signed", "by its values"],
)
def test_the_rendition_takes_the_place_of_the_display_without_a_jump(web_site, page, screen, tags):
    """The look that the header asked for is found, and in its units where it has a window."""
    _, data = film(12, **tags)
    open_picture(web_site, page, data)
    radiograph = read(data)
    expected = shown(radiograph.pixels, radiograph.bits, radiograph.display).astype(int)
    assert difference(picture_on_screen(page, SHAPE), expected) <= 1
    look = page.evaluate(WINDOW)
    assert look["scale"]["unit"] == ("header" if tags else "grey")
    if tags:
        assert look["window"]["center"] == float(tags["WindowCenter"])
        expect(page.locator("#view-numbers")).to_contain_text("by the header")
    page.locator("#reset").click()
    before = on_screen(page)
    page.evaluate('document.querySelector("canvas.pixels").style.visibility = "hidden"')
    page.evaluate('document.getElementById("image").style.opacity = 1')
    assert np.abs(on_screen(page) - before).mean() < 1.5


def test_a_table_of_the_header_is_said(web_site, page, screen):
    item = Dataset()
    item.LUTDescriptor = [4096, 0, 8]
    entries = (255 * (np.arange(4096) / 4095) ** 0.5).round().astype(np.uint16)
    item.add_new("LUTData", "OW", entries.tobytes())
    stored, data = film(12, VOILUTSequence=[item])
    open_picture(web_site, page, data)
    assert page.evaluate(WINDOW)["scale"]["unit"] == "table"
    found = picture_on_screen(page, SHAPE)
    assert difference(found, entries[stored].astype(int)) <= 1
    expect(page.locator("#view-numbers")).to_contain_text("128 / 255 (greys of the table)")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_window_is_set_by_drag_and_the_presets_are_ranges_of_the_picture(
    web_site, page, screen, width
):
    page.set_viewport_size({"width": width, "height": 900})
    stored, data = film(12, WindowCenter="2000", WindowWidth="2500")
    open_picture(web_site, page, data)
    box = page.locator("#viewer").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down(button="right")
    page.mouse.move(middle[0] + 60, middle[1] - 45, steps=3)
    page.mouse.up(button="right")
    window = page.evaluate(WINDOW)["window"]
    assert window["width"] > 2600
    assert window["center"] < 1950  # upwards is brighter
    set_by_hand = (window["center"], window["width"], window["shape"])
    found = picture_on_screen(page, SHAPE)
    assert difference(found, numpys(stored, set_by_hand, white_zero=False)) <= 1
    expect(page.locator("#view-numbers")).to_contain_text(
        f"{window['width']:,.0f} (values of the header)"
    )
    choice = page.locator("#tools label:visible").get_by_label("Window")
    for name in ("Full range", "Exposed field", "Bone", "Soft tissue"):
        choice.select_option(name)
        window = page.evaluate(WINDOW)["window"]
        set_by_hand = (window["center"], window["width"], window["shape"])
        found = picture_on_screen(page, SHAPE)
        assert difference(found, numpys(stored, set_by_hand, white_zero=False)) <= 1
        expect(choice).to_have_js_property("selectedOptions.0.text", name)
        if name == "Full range":
            assert (window["center"], window["width"]) == (
                pytest.approx(2047.5, abs=1),
                pytest.approx(4095, abs=1),
            )
    page.keyboard.press("i")
    page.wait_for_function(DRAWN)
    assert difference(picture_on_screen(page, SHAPE), 255 - found) <= 1
    page.keyboard.press("0")
    assert page.evaluate(WINDOW)["window"] == {"center": 2000, "width": 2500, "shape": "LINEAR"}


def test_what_only_the_display_has_stays_on_top(web_site, page, screen):
    """An overlay of the header, such as a letter for the side, and what its shutter hides."""
    overlay = np.zeros(SHAPE, np.uint8)
    overlay[40:90, 60:75] = overlay[80:90, 60:100] = 1  # an L
    _, data = film(
        12,
        WindowCenter="2000",
        WindowWidth="4000",
        **overlay_tags(overlay),
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge=20,
        ShutterRightVerticalEdge=500,
        ShutterUpperHorizontalEdge=1,
        ShutterLowerHorizontalEdge=SHAPE[0],
    )
    open_picture(web_site, page, data)
    radiograph = read(data)
    expected = shown(radiograph.pixels, radiograph.bits, radiograph.display).astype(int)
    found = picture_on_screen(page, SHAPE)
    assert np.abs(found - expected).mean() < 2
    assert found[50:85, 64:72].min() > 230
    page.locator("#tools label:visible").get_by_label("Window").select_option("Bone")
    assert picture_on_screen(page, SHAPE)[50:85, 64:72].min() > 230


def overlay_tags(overlay: np.ndarray) -> dict[str, object]:
    packed = np.packbits(overlay.ravel(), bitorder="little").tobytes()
    values = {
        0x0010: ("US", overlay.shape[0]),
        0x0011: ("US", overlay.shape[1]),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: ("OW", packed + b"\0" * (len(packed) % 2)),
    }
    return {
        f"overlay_{element}": DataElement(Tag(0x6000, element), vr, value)
        for element, (vr, value) in values.items()
    }


def test_the_exposed_field_leaves_out_what_the_collimator_hid(web_site, page):
    """Its bars are bright, even and at the edge; their slopes aren't the field's either."""
    stored = 1000 + pixels(*SHAPE, bits=10)
    stored[:, :120] = stored[:, -120:] = 3900
    stored[:, 120:124] = 3000
    open_picture(web_site, page, dicom(stored, 12, WindowCenter="2048", WindowWidth="4096"))
    page.keyboard.press("9")
    window = page.evaluate(WINDOW)["window"]
    inside = stored[:, 130:-130]
    low, high = np.percentile(inside, (0.5, 99.5))
    assert window["center"] - window["width"] / 2 == pytest.approx(low, abs=30)
    assert window["center"] + window["width"] / 2 == pytest.approx(high, abs=30)
