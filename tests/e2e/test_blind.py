"""Blind first reading and third reader to the end, in a browser, wide and narrow."""

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from tests.disclosure.test_blind import read_by_the_model
from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Case, Review
from triage.review.reading_rules import set_reading_rules
from triage.states import CaseState
from triage.vocabulary import Stage

pytestmark = [pytest.mark.e2e]
NO_SUGGESTION = "Read blind: there is no suggestion to agree with yet."
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


@pytest.fixture
def blind(web_site) -> Case:
    site, people = web_site.site, web_site.people
    set_reading_rules(site=site, actor=people.admin, blind_percent=100, third_if_first_differs=True)
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    with transaction.atomic():
        read_by_the_model(case, top="spiral", confidence=0.9)
    return case


def open_as(page: Page, web_site, who: str, address: str) -> None:
    page.context.clear_cookies(name="sessionid")
    sign_in(page, web_site.url, getattr(web_site.people, who).email)
    page.goto(f"{web_site.url}{address}")


def press(page: Page, *keys: str) -> None:
    """Keys of which the last one signs."""
    is_ready(page)
    for key in keys:
        page.keyboard.press(key)


@WIDTHS
def test_a_blind_case_is_read_twice_and_decided_by_a_third(web_site, page, blind, width):
    page.set_viewport_size({"width": width, "height": 900})
    address = f"/cases/{blind.pk}/"
    open_as(page, web_site, "reviewer", address)
    opinion = page.locator("#opinion")
    expect(opinion).to_contain_text("First reading")
    expect(page.locator("body")).not_to_contain_text("Fracture suspected")
    page.keyboard.press("3")
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text(NO_SUGGESTION)
    page.locator("#review-form [name=comment]").fill("Clear.")
    page.locator("#review-form [name=comment]").blur()
    press(page, "s" if width == 1440 else "y")  # both lock
    expect(page.locator("body")).to_contain_text("First reading locked.")
    expect(page.locator("body")).to_contain_text("Fracture suspected")
    expect(page.locator("#review-form [name=comment]")).to_have_value("Clear.")
    expect(page.locator("#review-form [name=fracture]:checked")).to_have_count(0)
    press(page, "1", "y")
    expect(page.locator("body")).to_contain_text("Third reading")
    blind.refresh_from_db()
    assert (blind.state, blind.third_because) == (CaseState.THIRD, ["first"])

    open_as(page, web_site, "clinician2", "/?state=third")
    page.locator(f'a[href*="{blind.pk}"]').first.click()
    third = page.locator("#opinion .third")
    expect(third).to_contain_text("not final: it differs from the first reading, so a third reader")
    expect(third.locator("li")).to_have_count(2)
    press(page, "3", "y")
    expect(page.locator("body")).to_contain_text("Signed.")
    blind.refresh_from_db()
    assert blind.state == CaseState.REVIEWED
    stages = list(Review.objects.order_by("signed_at").values_list("stage", "fracture"))
    assert stages == [
        (Stage.FIRST, "none"),
        (Stage.SECOND_OPINION, "certain"),
        (Stage.THIRD, "none"),
    ]


def test_the_press_that_locked_signs_nothing_and_the_same_answer_keeps_it(web_site, page, blind):
    open_as(page, web_site, "reviewer", f"/cases/{blind.pk}/")
    press(page, "3", "s")
    expect(page.locator("#opinion")).to_contain_text("Your first reading: No fracture.")
    is_ready(page)
    page.keyboard.press("s")
    expect(page.get_by_role("alert")).to_contain_text("Choose an opinion")
    assert not Review.objects.exclude(stage=Stage.FIRST).exists()
    page.reload()  # what the tab kept is no answer either
    expect(page.locator("#review-form [name=fracture]:checked")).to_have_count(0)
    press(page, "3", "y")
    expect(page.locator("body")).to_contain_text("Signed.")
    final = Review.objects.get(stage=Stage.SECOND_OPINION)
    assert (final.fracture, final.switched) == ("none", False)
    assert final.prediction is not None


@WIDTHS
def test_an_admin_sets_the_rules(web_site, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_as(page, web_site, "admin", "/sites/north/reading/")
    page.get_by_label("For a share of the cases").check()
    page.get_by_label("Share, in whole per cent").fill("30")
    page.get_by_label("It differs from the first reading").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved.")
    expect(page.get_by_label("Share, in whole per cent")).to_have_value("30")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
