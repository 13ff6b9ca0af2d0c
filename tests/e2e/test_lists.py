"""A list never moves under a finger or a chosen row, says what is new by a word, and counts what changed."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from accounts.roles import Role
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import PriorityChange
from triage.vocabulary import Priority

pytestmark = [pytest.mark.e2e]
NOT_CURRENT = re.compile(r"^Not current since \d\d:\d\d: Callus does not answer")
SOON = 10_000  # ms: a few polls


@pytest.fixture(params=[1440, 390])
def worklist(request, web_site, page) -> Page:
    make_case(web_site.site, web_site.people.clinician)
    page.set_viewport_size({"width": request.param, "height": 900})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    expect(page.locator("tbody tr")).to_have_count(1)
    return page


def count_of(page: Page, name: str):
    return page.locator("#ready a", has_text=name).locator(".count")


def test_a_new_case_is_counted_and_says_so_by_a_word(web_site, worklist):
    worklist.mouse.move(5, 5)
    expect(count_of(worklist, "To read")).to_have_text("1")
    make_case(web_site.site, web_site.people.clinician)
    expect(worklist.locator("tbody tr")).to_have_count(2, timeout=SOON)
    expect(worklist.locator("tr.is-new .new-word")).to_have_text("new")
    expect(count_of(worklist, "To read")).to_have_text("2")
    assert worklist.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_list_that_is_no_longer_current_says_so(worklist):
    bar = worklist.locator("#stale")
    expect(bar).to_be_empty()
    worklist.context.set_offline(True)
    expect(bar).to_have_text(NOT_CURRENT, timeout=SOON)
    expect(bar).to_be_in_viewport()
    expect(worklist.locator("tbody tr")).to_have_count(1)
    assert worklist.evaluate("document.documentElement.scrollWidth <= innerWidth")
    worklist.context.set_offline(False)
    expect(bar).to_be_empty(timeout=SOON)


def test_a_list_waits_where_a_finger_or_a_chosen_row_is(web_site, worklist):
    for hold in (
        lambda: worklist.keyboard.press("j"),
        lambda: worklist.evaluate(
            "document.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch' }))"
        ),
    ):
        worklist.reload()
        rows = worklist.locator("tbody tr").count()
        hold()
        worklist.evaluate("document.activeElement.blur()")
        make_case(web_site.site, web_site.people.clinician)
        offer = worklist.get_by_role("button", name="The list has changed")
        expect(offer).to_be_visible(timeout=SOON)
        expect(worklist.locator("tbody tr")).to_have_count(rows)
        expect(count_of(worklist, "To read")).to_have_text(str(rows + 1))
        offer.click()
        expect(worklist.locator("tbody tr")).to_have_count(rows + 1)


@pytest.fixture
def led(web_site, worklist) -> Page:
    """The list of a lead, with two cases."""
    roles = [Role.ADMIN, Role.REVIEWER]
    Membership.objects.filter(user=web_site.people.reviewer).update(roles=roles)
    make_case(web_site.site, web_site.people.clinician)
    worklist.reload()
    expect(worklist.locator("tbody tr")).to_have_count(2)
    return worklist


def test_a_lead_ticks_rows_by_keys_and_changes_them_at_once(web_site, led):
    bulk = led.locator("#bulk")
    expect(bulk).to_be_hidden()
    for key in "jxjx":
        led.keyboard.press(key)
    expect(led.locator(".tick input:checked")).to_have_count(2)
    expect(bulk.get_by_role("button")).to_have_text("Change (2)")
    assert led.evaluate("document.documentElement.scrollWidth <= innerWidth")
    led.keyboard.press("x")
    expect(led.locator(".tick input:checked")).to_have_count(1)
    led.keyboard.press("x")
    led.keyboard.press("b")
    expect(bulk.locator("select")).to_be_focused()
    bulk.locator("select").select_option("stat")
    led.keyboard.press("Tab")
    led.keyboard.type("Seen at the door")
    led.keyboard.press("Enter")
    expect(led.get_by_text("Priority Stat: 2 cases changed.")).to_be_visible()
    changes = PriorityChange.objects.all()
    assert [(change.new_priority, change.reason) for change in changes] == [
        *((Priority.STAT, "Seen at the door"),) * 2,
    ]


def test_ticked_rows_stay_ticked_while_the_list_changes(web_site, led):
    led.locator(".tick input").first.check()
    ticked = led.locator("tr:has(:checked)").get_attribute("id")
    led.mouse.move(5, 5)
    led.evaluate("document.activeElement.blur()")
    make_case(web_site.site, web_site.people.clinician)
    offer = led.get_by_role("button", name="The list has changed")
    expect(offer).to_be_visible(timeout=SOON)
    offer.click()
    expect(led.locator("tbody tr")).to_have_count(3)
    assert led.locator("tr:has(:checked)").get_attribute("id") == ticked


def test_a_refused_form_keeps_its_ticks_and_is_not_sent_again_by_a_reload(led):
    led.locator(".tick input").first.check()
    led.locator("#bulk [name=reason]").fill("Seen at the door")
    led.evaluate("document.querySelector('#bulk select').required = false")
    led.locator("#bulk button").click()
    expect(led.get_by_text("Choose a priority.")).to_be_visible()
    expect(led.locator(".tick input:checked")).to_have_count(1)
    expect(led.locator("#bulk [name=reason]")).to_have_value("Seen at the door")
    expect(led.locator("#bulk button")).to_have_text("Change (1)")
    led.reload()
    expect(led.locator(".tick input")).to_have_count(2)
    assert "/worklist/priority/" not in led.url
    expect(led.get_by_text("Choose a priority.")).to_have_count(0)
