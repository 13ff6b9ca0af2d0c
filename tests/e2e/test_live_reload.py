"""What changes while a page lies open loads nothing again over what somebody has written on it."""

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.models import Membership
from accounts.roles import Role
from tests.e2e.test_blind import open_as
from tests.factories import make_case, make_prediction, make_reading, make_release
from triage.inference.case_update import update_cases
from triage.models import Case, Job
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
WHY = "Fell from a ladder."
IDLE = 539  # seconds left of 900
POLL = 8000  # ms
MEANT = 800  # ms after which a second press is meant
# Who opens the case, a field of its page, and whether somebody else reads the case.
FIELDS = [
    ("lead", "#priority-why", False),
    ("reviewer", "#why-ended", True),
    ("reviewer", ".skip-case [name=reason]", False),
    ("clinician", "#interim-note", False),
    ("clinician", "#reason", False),
]


@pytest.fixture
def case(web_site) -> Case:
    return make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)


def read_by_the_model(case: Case) -> None:
    image = case.images.get()
    Job.objects.filter(image=image).delete()
    make_prediction(image, make_release(), "spiral", 0.9)
    with transaction.atomic():
        update_cases([case.pk])


def opened_field(page: Page, selector: str):
    field = page.locator(selector)
    field.evaluate("field => field.closest('details')?.setAttribute('open', '')")
    return field


@pytest.mark.parametrize(("who", "selector", "is_held"), FIELDS)
def test_a_text_stays_when_the_model_has_read_the_case(
    page, web_site, case, who, selector, is_held
):
    if is_held:
        make_reading(case, web_site.people.clinician2, seconds=IDLE)
    if who == "lead":
        leads = Membership.objects.filter(user=web_site.people.admin)
        leads.update(roles=[Role.ADMIN, Role.REVIEWER])
    open_as(page, web_site, "admin" if who == "lead" else who, f"/cases/{case.pk}/")
    field = opened_field(page, selector)
    field.fill(WHY)
    field.blur()
    read_by_the_model(case)
    offer = page.locator("#model-output > a")
    expect(offer).to_contain_text("The model has read it", timeout=POLL)
    expect(field).to_have_value(WHY)
    offer.dblclick()
    expect(offer).to_contain_text("something that is not sent")
    expect(page.locator("#said")).to_contain_text("press again to lose it")
    page.wait_for_timeout(MEANT)
    expect(field).to_have_value(WHY)
    field.press_sequentially("!")
    expect(offer).to_contain_text("The model has read it")
    offer.click()
    expect(offer).to_contain_text("something that is not sent")
    page.wait_for_timeout(MEANT)
    offer.click()
    expect(page.locator("#model-output")).to_contain_text("Spiral")


def test_a_choice_stays_too(page, web_site, case):
    open_as(page, web_site, "clinician", f"/cases/{case.pk}/")
    field = opened_field(page, "#treated-as")
    field.select_option(index=1)
    field.blur()
    read_by_the_model(case)
    expect(page.locator("#model-output > a")).to_be_visible(timeout=POLL)
    expect(field).not_to_have_value("")


def test_what_came_back_with_a_refusal_stays_too(page, web_site, case):
    open_as(page, web_site, "clinician", f"/cases/{case.pk}/")
    opened_field(page, "#treated-as").select_option(index=1)
    page.fill("#interim-note", WHY)
    page.locator("#interim form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Record").click()  # nobody said what they see
    expect(page.locator("#interim [role=alert]")).to_be_visible()
    read_by_the_model(case)
    expect(page.locator("#model-output > a")).to_be_visible(timeout=POLL)
    expect(page.locator("#interim-note")).to_have_value(WHY)


def test_where_nothing_is_written_it_is_shown_by_itself(page, web_site, case):
    open_as(page, web_site, "clinician", f"/cases/{case.pk}/")
    read_by_the_model(case)
    expect(page.locator("#model-output")).to_contain_text("Spiral", timeout=POLL)


def test_a_list_whose_reader_was_signed_out_keeps_what_they_write(page, web_site, case):
    open_as(page, web_site, "reviewer", "/")
    page.locator(".views > summary").click()
    page.fill("#view-name", WHY)
    page.context.clear_cookies(name="sessionid")
    expect(page.locator("#stale")).to_contain_text("you are signed out", timeout=POLL)
    expect(page.locator("#view-name")).to_have_value(WHY)
    page.fill("#view-name", "")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=2 * POLL)
