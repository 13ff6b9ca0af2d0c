"""What has its room on the page of a case: counters, keys, what the model says, and nothing that is empty."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_case_layout import NEXT, box, is_in_view, prepare
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from tests.readers import sign_as_shown
from triage.review.opinion import GivenOpinion

pytestmark = [pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
LONG = {
    "comment": ("word " * 803 + "ab", "4,017 of 4,000"),
    "other_finding": ("a" * 517, "517 of 500"),
}


def stands_below(page: Page, form: str) -> None:
    """The length of a text stands below its field, which keeps its width while it is shortened."""
    whole = page.locator(f"{form} .words").bounding_box()
    for name, (text, said) in LONG.items():
        field = page.locator(f"{form} [name={name}]")
        before = field.bounding_box()
        field.fill(text)
        counter = page.locator(f"#{field.get_attribute('id')}-count")
        expect(counter).to_contain_text(said)
        place, after = counter.bounding_box(), field.bounding_box()
        assert after["width"] == pytest.approx(before["width"], abs=1), name
        assert after["width"] > 0.6 * whole["width"], name
        assert place["y"] >= after["y"] + after["height"] - 1, name
        assert place["x"] == pytest.approx(after["x"], abs=1), name
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


@WIDTHS
def test_below_the_fields_of_an_opinion(web_site, page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    stands_below(page, "#review-form")


@WIDTHS
def test_below_the_fields_of_a_correction(web_site, page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    case = make_case(web_site.site, web_site.people.clinician)
    sign_as_shown(case, web_site.people.reviewer, GivenOpinion("none"))
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.locator(".reviews details > summary").first.click()
    stands_below(page, ".reviews .review-form")


@pytest.mark.parametrize("width", [1280, 1440])
def test_what_leads_through_the_list_names_its_keys_on_one_line(web_site, page, width):
    page.set_viewport_size({"width": width, "height": 720})
    site, people = web_site.site, web_site.people
    before = make_case(site, people.clinician, top="spiral")
    sign_as_shown(before, people.reviewer, GivenOpinion("none"))
    cases = [make_case(site, people.clinician, top="spiral") for _ in range(2)]
    sign_in(page, web_site.url, people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    page.locator(".loop > .muted").evaluate("place => (place.textContent = '14 of 41')")
    line = box(page, ".loop")
    for act in ("worklist", "previous", "skip", "next"):
        button, key = (
            box(page, f'.loop [data-act="{act}"]'),
            box(page, f'.loop [data-act="{act}"] kbd'),
        )
        assert key["x"] >= button["x"]
        assert key["x"] + key["width"] <= button["x"] + button["width"]
        assert button["x"] + button["width"] <= line["x"] + line["width"] + 1
        assert button["y"] == pytest.approx(box(page, NEXT)["y"], abs=2)
    assert line["height"] < 50


def test_without_a_script_nothing_stands_there_that_only_a_script_fills(web_site, browser, page):
    case = make_case(web_site.site, web_site.people.clinician, top="spiral")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    address = f"{web_site.url}/cases/{case.pk}/"
    page.goto(address)
    page.locator(".all-types > summary").click()
    for name in ("#tools", ".map-legend"):
        assert page.locator(name).is_visible()
    plain = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(address)
    plain.locator(".all-types > summary").click()
    for name in ("#tools", ".map-legend"):
        assert plain.locator(name).count() == 1
        assert plain.locator(name).is_hidden()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_what_the_model_says_is_named_where_the_answer_is_asked_again(
    web_site, page, width, height
):
    case = prepare("locked", web_site)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    said = page.locator("#opinion .model-said")
    assert "Fracture suspected" in said.inner_text()
    assert "fracture 83 %" in said.inner_text()
    if width == 1280:
        assert is_in_view(page, box(page, "#opinion .model-said"))
    said.get_by_role("link").click()
    page.wait_for_function("location.hash === '#model-output'")
    assert is_in_view(page, box(page, "#model-output .call"))
