"""The head of an open case follows the case, and moves nothing that somebody points at or writes in."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Case
from triage.review import claims
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
CHANGED = "The case has changed: show it"


@pytest.fixture
def case(web_site) -> Case:
    return make_case(web_site.site, web_site.people.clinician, clinical_question="Fell.")


def opened(page: Page, web_site, case: Case, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")


def box(page: Page, selector: str) -> dict[str, float] | None:
    return page.locator(selector).bounding_box()


def test_the_head_says_who_reads_and_that_it_is_signed_while_somebody_types(web_site, page, case):
    people = web_site.people
    opened(page, web_site, case, 1440)
    words = page.locator("#review-form [name=comment]")
    # Typed before the draft claims the case: another reader's claim is refused from then on.
    claims.claim(case=case, reader=people.clinician2)
    head = page.locator("#head")
    expect(head).to_contain_text("Carl Clinician is reading", timeout=8000)
    words.press_sequentially("Mine.")
    expect(page.locator(".lease [data-refused]")).to_have_attribute("role", "alert")
    before = box(page, "#review-form"), box(page, "#viewer")
    sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    expect(head).to_contain_text("Reviewed", timeout=8000)
    expect(words).to_be_focused()
    expect(words).to_have_value("Mine.")
    assert (box(page, "#review-form"), box(page, "#viewer")) == before
    expect(page.get_by_role("button", name=CHANGED)).to_have_count(0)


def test_what_would_move_the_picture_under_the_pointer_waits_until_it_is_asked_for(
    web_site, page, case
):
    opened(page, web_site, case, 390)
    page.locator("#viewer").hover()
    before = box(page, "#viewer")
    claims.claim(case=case, reader=web_site.people.clinician2)
    button = page.get_by_role("button", name=CHANGED)
    expect(button).to_be_visible(timeout=8000)
    assert box(page, "#viewer") == before
    expect(page.locator("#head")).not_to_contain_text("is reading")
    button.click()
    expect(page.locator("#head")).to_contain_text("Carl Clinician is reading")
    expect(button).to_have_count(0)


def test_it_is_shown_at_once_where_nobody_points_or_writes(web_site, page, case):
    opened(page, web_site, case, 390)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    # Out of the window: nothing is under the pointer.
    page.context.new_cdp_session(page).send(
        "Input.dispatchMouseEvent", {"type": "mouseMoved", "x": -10, "y": -10}
    )
    claims.claim(case=case, reader=web_site.people.clinician2)
    expect(page.locator("#head")).to_contain_text("Carl Clinician is reading", timeout=8000)
