"""A page that lies open says what is true of its form when somebody else has acted, and loses no text."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Membership
from accounts.roles import Role
from tests.e2e.test_blind import open_as
from tests.factories import make_case
from triage.models import Case, InterimOpinion, Reading
from triage.models.reading import Ended
from triage.review.claims import claim, give_back_claim
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.review.taking_over import end_claim, take_over
from triage.vocabulary import Sex

pytestmark = [pytest.mark.e2e]
WORDS = "#review-form [name=comment]"
POLL = 8000  # ms


def taken_over(case: Case, people) -> str:
    soon = timezone.now() + timedelta(seconds=60)
    Reading.objects.going_on().update(claimed_until=soon)  # nobody has worked on it lately
    take_over(case=case, reader=people.clinician2, reason="Handover.")
    return "took this case over: “Handover.”"


def ended_by_lead(case: Case, people) -> str:
    lead = people.admin
    Membership.objects.filter(user=lead).update(roles=[Role.ADMIN, Role.REVIEWER])
    end_claim(case=case, actor=lead, reason="End of shift.")
    return "ended your claim: “End of shift.”"


def signed(case: Case, people) -> str:
    Reading.objects.going_on().update(ended=Ended.LAPSED, ended_at=timezone.now())
    sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    return "closed"


@pytest.mark.parametrize("act", [taken_over, ended_by_lead, signed])
def test_what_somebody_else_did_turns_the_form_off_and_keeps_its_text(page, web_site, act):
    case = make_case(web_site.site, web_site.people.clinician)
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    page.keyboard.press("2")
    page.fill(WORDS, "Look at the ulna.")
    expect(page.locator("#lease")).to_be_visible()
    why = act(case, web_site.people)
    notice = page.locator("#standing")
    expect(notice).to_contain_text(why, timeout=POLL)
    expect(page.get_by_text("Claimed by me")).not_to_be_visible()
    for button in page.locator("#review-form .sign-bar > button").all():
        expect(button).to_be_disabled()
    page.locator(WORDS).blur()
    page.keyboard.press("s")
    expect(page.locator("#said")).to_contain_text(why)
    expect(page.locator(WORDS)).to_have_value("Look at the ulna.")
    notice.get_by_role("link").click()
    expect(page.locator("#side")).to_contain_text("Look at the ulna.")
    expect(notice).not_to_be_visible()


def is_off(page, why: str) -> None:
    expect(page.locator("#standing")).to_contain_text(why, timeout=POLL)
    expect(page.locator("#review-form .sign-bar > .main")).to_be_disabled()


def test_a_case_that_is_taken_again_turns_the_form_off_again(page, web_site):
    people = web_site.people
    case = make_case(web_site.site, people.clinician)
    claim(case=case, reader=people.reviewer)
    taken_over(case, people)
    give_back_claim(case=case, reader=people.clinician2)
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    expect(page.locator("#opinion")).to_contain_text("took this case over: “Handover.”")
    expect(page.locator("#standing")).to_be_hidden()
    claim(case=case, reader=people.clinician2)
    is_off(page, "is reading this case")
    give_back_claim(case=case, reader=people.clinician2)
    expect(page.locator("#standing")).to_be_hidden(timeout=POLL)
    page.keyboard.press("3")
    expect(page.locator("#lease")).to_be_visible()
    is_off(page, taken_over(case, people))


def test_the_way_to_the_case_as_it_is_now_leads_there_after_a_refusal_too(page, web_site):
    case = make_case(web_site.site, web_site.people.clinician)
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    page.fill(WORDS, "Mine.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Choose an opinion")).to_be_visible()
    is_off(page, taken_over(case, web_site.people))
    page.locator("#standing").get_by_role("link").click()
    expect(page.locator("#opinion")).to_contain_text("took this case over")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_what_must_be_known_before_signing_stands_in_the_head(page, web_site, width, height):
    site, people = web_site.site, web_site.people
    make_case(site, people.clinician, patient_reference="P-1", sex=Sex.MALE)
    case = make_case(site, people.clinician, patient_reference="P-1", sex=Sex.FEMALE)
    InterimOpinion.objects.create(
        case=case, author=people.clinician, interim_fracture="none", treated_as="not_treated"
    )
    page.set_viewport_size({"width": width, "height": height})
    open_as(page, web_site, "reviewer", f"/cases/{case.pk}/")
    for text in ("Is it the same patient?", "treated as:"):
        line = page.locator("#head").get_by_text(text)
        box = line.bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] <= height / 2, (text, box)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
