"""What this tab has typed is forgotten where it was signed, and there alone."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.draft_page import SAVED
from triage.models import Review
from triage.review.drafts import Followed
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
BOX = {"image": 1, "x": 0.123456, "y": 0.2, "width": 0.3, "height": 0.41}


def say_fracture_with_type(draft) -> None:
    draft.page.locator("#review-form [name=fracture][value=certain]").check()
    draft.page.locator("#review-form [name=classes]").first.check()


def draw(draft, places: list[dict[str, float]]) -> None:
    draft.page.locator("#review-form [name=places]").evaluate(
        "(field, text) => { field.value = text;"
        " field.dispatchEvent(new Event('input', {bubbles: true})); }",
        json.dumps(places),
    )


def test_an_answer_that_was_changed_before_signing_is_signed(drafting):
    """Types that were ticked before "No fracture" are not sent."""
    draft = drafting()
    draft.page.route(
        "**/draft", lambda route: route.abort()
    )  # nothing is saved before it is signed
    say_fracture_with_type(draft)
    draft.page.get_by_label("No fracture").first.check()
    draft.press("Sign")
    expect(draft.page.get_by_text("Signed.", exact=True)).to_be_visible()
    assert (Review.objects.get().fracture, Review.objects.get().classes) == ("none", [])
    draft.page.wait_for_load_state("networkidle")
    expect(draft.page.get_by_text("was not signed")).to_have_count(0)


@pytest.mark.parametrize(
    ("signed", "is_signed"),
    [
        pytest.param([BOX], True, id="rounded"),
        pytest.param([BOX | {"x": 0.5}], False, id="elsewhere"),
        pytest.param([], False, id="none"),
    ],
)
def test_drawn_boxes_are_a_part_of_what_was_signed(drafting, signed, is_signed):
    draft = drafting()
    draft.page.route("**/draft", lambda route: route.abort())
    draft.page.locator("#review-form [name=fracture][value=certain]").check()
    draw(draft, [BOX])
    expect(draft.trouble).to_contain_text("kept in this tab")
    given = GivenOpinion("certain", places=tuple(signed))
    sign(case=draft.case, reader=draft.web_site.people.reviewer, given=given)
    draft.open()
    draft.page.wait_for_load_state("networkidle")
    expect(draft.kept).to_have_count(0 if is_signed else 1)


@pytest.mark.parametrize("is_ticked", [True, False])
def test_a_tick_that_was_not_signed_is_kept(drafting, is_ticked):
    """The clinic was not notified, though this tab says that it should be."""
    draft = drafting()
    draft.page.route("**/draft", lambda route: route.abort())
    draft.page.get_by_label("No fracture").first.check()
    draft.page.get_by_label("Critical: notify the clinic at once").check()
    expect(draft.trouble).to_contain_text("kept in this tab")
    reader, given = draft.web_site.people.reviewer, GivenOpinion("none")
    sign(case=draft.case, reader=reader, given=given, critical=is_ticked)
    draft.open()
    draft.page.wait_for_load_state("networkidle")
    expect(draft.kept).to_have_count(0 if is_ticked else 1)
    if not is_ticked:
        expect(draft.kept).to_contain_text("Critical: notify the clinic at once")


def test_places_that_were_not_signed_are_named(drafting):
    """On the site too, as what another tab wrote."""
    draft = drafting()
    draft.page.locator("#review-form [name=fracture][value=certain]").check()
    draw(draft, [BOX])
    expect(draft.state).to_have_text(SAVED)
    draft.page.route("**/draft", lambda route: route.abort())
    draw(draft, [BOX, {"image": 1, "x": 0.5, "y": 0.5, "width": 0, "height": 0}])
    expect(draft.trouble).to_contain_text("kept in this tab")
    given, followed = GivenOpinion("certain"), Followed(None, None)
    reader = draft.web_site.people.reviewer
    sign(case=draft.case, reader=reader, given=given, followed=followed)
    draft.open()
    box, point = "box on picture 1", "point on picture 1"
    expect(draft.kept).to_contain_text([box, re.compile(f"{box}.*{point}", re.DOTALL)])
