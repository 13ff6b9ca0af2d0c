"""A reader chooses among the windows and tables that a picture's header offers."""

import io

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Picture
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Image

pytestmark = [pytest.mark.e2e]

MIDDLE = """() => {
  const image = document.getElementById("image");
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
}"""


def jpeg(grey: int) -> bytes:
    buffer = io.BytesIO()
    Picture.fromarray(np.full((120, 96), grey, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def offering(web_site):
    """A case of two pictures, the first of which offers a table and two windows."""
    case = make_case(web_site.site, web_site.people.clinician, images=2)
    one, _ = case.images.all()
    darker, brighter = jpeg(40), jpeg(220)
    curves = [
        {"name": "NORMAL", "center": None, "width": None, "start": 0, "size": 0},
        {"name": "SOFT", "center": 900.0, "width": 400.0, "start": 0, "size": len(darker)},
        {"name": "", "center": 7.0, "width": 3.0, "start": len(darker), "size": len(brighter)},
    ]
    name = default_storage.save("drawn/alternatives.jpegs", ContentFile(darker + brighter))
    Image.objects.filter(pk=one.pk).update(display_by="table", curves=curves, alternatives=name)
    return case


def test_a_reader_chooses_a_curve_and_each_picture_keeps_its_own(web_site, page):
    case = offering(web_site)
    one, two = case.images.all()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    choice = page.locator("#tools label:visible").get_by_label("Window")
    options = choice.locator("option[data-curve]").all_inner_texts()
    assert options == ["NORMAL", "900 / 400 (SOFT)", "7.000 / 3.000"]
    choice.select_option("900 / 400 (SOFT)")
    image = page.locator("#image")
    expect(image).to_have_attribute("src", f"/images/{one.pk}/display-2/")
    expect(image).to_have_css("visibility", "visible")
    assert page.evaluate(MIDDLE) == pytest.approx(40, abs=2)
    choice.focus()
    page.keyboard.press("ArrowDown")  # by the keyboard too
    expect(image).to_have_attribute("src", f"/images/{one.pk}/display-3/")
    expect(image).to_have_css("visibility", "visible")
    assert page.evaluate(MIDDLE) == pytest.approx(220, abs=2)
    page.locator(".strip a").last.click()
    expect(image).to_have_attribute("src", f"/images/{two.pk}/display/")
    options = choice.locator("option[data-curve]").all_inner_texts()
    assert options == ["As it came"]  # this one offers none
    page.locator(".strip a").first.click()
    expect(image).to_have_attribute("src", f"/images/{one.pk}/display-3/")
    page.keyboard.press("0")
    expect(image).to_have_attribute("src", f"/images/{one.pk}/display/")
    expect(choice).to_have_value(f"/images/{one.pk}/display/")
