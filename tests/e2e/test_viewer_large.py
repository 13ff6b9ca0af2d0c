"""A picture that is larger than memory holds is held smaller, and still seen one to one."""

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import expect

from classifier.radiograph import Radiograph
from classifier.rendition import render
from tests.e2e.test_first_light import sign_in
from tests.e2e.viewed import CORNER, DRAWN, SCREENS, on_screen
from tests.factories import make_case
from triage.models import Image

pytestmark = [pytest.mark.e2e]

HELD = """() => {
  const { loaded, screen } = document.getElementById("viewer").pane;
  const bytes = loaded.levels.reduce((sum, { pixels }) => sum + pixels.byteLength, 0);
  return { bytes, reduced: loaded.reduced, longest: screen.longest, width: loaded.levels[0].width };
}"""
PART_DRAWN = """() => {
  const { pane } = document.getElementById("viewer");
  return Boolean(pane.part?.picture) && pane.state === "whole" && !pane.isAwaited;
}"""
IN_THE_MIDDLE = """() => {
  const viewer = document.getElementById("viewer"), box = viewer.getBoundingClientRect();
  return viewer.pane.valueAt(box.left + box.width / 2, box.top + box.height / 2);
}"""
GO = """place => {
  const { pane } = document.getElementById("viewer");
  pane.setView({ ...pane.view, ...place });
}"""


@pytest.fixture(params=["webgl2", "canvas"])
def grey(request, web_site, page) -> np.ndarray:
    """47 million pixels of 16 bits: 94 MB, and no graphics processor here takes a side of more than 8,192.

    They rise from row to row. In the middle is grain, and to the left of it a white plate.
    """
    page.add_init_script(SCREENS[request.param])
    rows = np.arange(5000, dtype=np.uint16)[:, None] * 6
    grey = np.broadcast_to(rows, (5000, 9400)).copy()
    grey[1000:1400, 2000:2400] = 65_535
    grain = np.random.default_rng(3).integers(0, 30_000, (1200, 1600), np.uint16)
    grey[1900:3100, 3900:5500] = grain
    made = render(Radiograph(grey, 16, "png"))
    case = make_case(web_site.site, web_site.people.clinician)
    names = {
        name: default_storage.save(f"drawn/{name}", ContentFile(data))
        for name, data in (("rendition", made.rendition), ("display", made.display))
    }
    Image.objects.filter(case=case).update(width=9400, height=5000, bits=16, **names)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.wait_for_function(DRAWN, timeout=60_000)
    page.keyboard.press("6")  # full range
    return grey


def test_a_large_picture_is_held_smaller(page, grey):
    held = page.evaluate(HELD)
    assert held["reduced"] == 2
    assert held["width"] <= 8192
    assert held["bytes"] <= 24 * 2**20 * 2 * 4 / 3 + 1000
    bright = on_screen(page) > 250  # only the plate is white
    found = np.argwhere(bright).mean(axis=0)
    matrix = page.evaluate('document.getElementById("viewer").pane.matrix')
    expected = (matrix[3] * 1200 + matrix[5], matrix[0] * 2200 + matrix[4])
    assert found == pytest.approx(expected, abs=2)


def test_one_to_one_every_pixel_of_it_is_seen(page, grey):
    page.keyboard.press("l")
    for place in ({}, {"x": 0.46, "y": 0.55}):
        page.evaluate(GO, place)
        seen = on_screen(page, PART_DRAWN)
        left, top = (round(side) for side in page.evaluate(CORNER, "viewer"))
        rows, columns = slice(-top, seen.shape[0] - top), slice(-left, seen.shape[1] - left)
        assert np.abs(seen - np.round(grey[rows, columns] / 257)).max() <= 1
        value = page.evaluate(IN_THE_MIDDLE)
        assert value["value"] == grey[value["y"], value["x"]]
    held = page.evaluate("""() => {
      const { width, height } = document.getElementById("viewer").pane.part.picture;
      return width * height;
    }""")
    assert held <= 24 * 2**20


def test_where_a_part_cannot_be_read_the_page_says_that_it_is_shown_smaller(page, grey):
    numbers = page.locator("#view-numbers")
    expect(numbers).not_to_contain_text("Large picture")  # as it fits nothing of it is lost
    page.evaluate('document.getElementById("viewer").pane.worker.terminate()')
    page.keyboard.press("l")
    expect(numbers).to_contain_text("Large picture")
    page.keyboard.press("0")
    expect(numbers).not_to_contain_text("Large picture")
