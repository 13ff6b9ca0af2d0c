"""The line to the site is cut, hangs, or answers with somebody else's page: the browser says so."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_first_light import sign_in, sign_in_by_form
from tests.factories import make_case
from triage.models import Reading
from triage.review.claims import claim
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
SOON_ENOUGH = 10_000  # ms until the page must say that it isn't current
NOT_CURRENT = re.compile(r"Not current since \d\d:\d\d: Callus does not answer")
LIVE = "**/worklist/live/**"


def bar(page: Page):
    return page.locator("#stale")


def next_poll(page: Page) -> int:
    """The status of the next answer, without waiting for its time."""
    with page.expect_response(LIVE) as answer:
        page.clock.run_for(3_000)
    return answer.value.status


def test_a_worklist_whose_line_is_cut_says_so_and_counts_on(web_site, page):
    now = timezone.now()
    case = make_case(
        web_site.site,
        web_site.people.clinician,
        received_at=now - timedelta(minutes=10, seconds=30),
        due_at=now + timedelta(minutes=2, seconds=30),
    )
    claim(case=case, reader=web_site.people.clinician2)
    page.clock.install()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    deadline, waiting = page.locator("td.deadline"), page.locator("td.waiting")
    is_reading = page.get_by_text("Carl Clinician is reading")
    to_be_read = page.get_by_text("To be read")
    expect(is_reading).to_be_visible()
    expect(to_be_read).to_be_hidden()
    expect(deadline.locator(".tag.soon")).to_have_text("soon: 2 min")
    expect(waiting).to_have_text("10 min")
    assert [next_poll(page) for _ in range(5)] == [304] * 5  # from the first one on
    expect(bar(page)).to_be_empty()

    page.context.set_offline(True)
    expect(bar(page)).to_have_text(NOT_CURRENT, timeout=SOON_ENOUGH)
    page.clock.fast_forward("05:00")
    expect(deadline.locator(".tag.late")).to_have_text(re.compile(r"^\s*[23] min late\s*$"))
    expect(waiting).to_have_text(re.compile(r"^\s*1[56] min\s*$"))
    expect(is_reading).to_be_visible()
    page.clock.fast_forward("10:00")
    expect(is_reading).to_be_hidden()  # the claim has run out
    expect(to_be_read).to_be_visible()
    expect(bar(page)).to_have_text(NOT_CURRENT)

    page.context.set_offline(False)
    expect(bar(page)).to_be_empty(timeout=SOON_ENOUGH)
    make_case(web_site.site, web_site.people.clinician)
    expect(page.locator("tbody tr")).to_have_count(2, timeout=SOON_ENOUGH)
    assert next_poll(page) == 304


def instead(status: int, body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(
        status=status, body=body, content_type="text/html", headers={"ETag": '"proxy"'}
    )


def test_a_worklist_that_gets_no_answer_of_the_site_says_so(web_site, page):
    make_case(web_site.site, web_site.people.clinician)
    page.clock.install()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    for answer in (
        lambda route: None,  # a connection that hangs
        instead(502, "<h1>Bad Gateway</h1>"),
        instead(429, "Too many requests"),
        instead(200, "<h1>Welcome to the hotel</h1>"),
    ):
        page.reload()
        page.route(LIVE, answer)
        page.clock.run_for(SOON_ENOUGH)
        expect(bar(page)).to_have_text(NOT_CURRENT)
        expect(page.locator("tbody tr")).to_have_count(1)
        page.unroute(LIVE)
        page.clock.run_for(5_000)  # what hangs is given up
        assert next_poll(page) in (200, 304)
        # Where the machine is slow, the page's clock has run past this answer: the next one counts.
        expect(bar(page)).to_be_empty(timeout=SOON_ENOUGH)


def test_a_claim_goes_on_after_signing_in_again_in_another_tab(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)
    claim(case=case, reader=web_site.people.reviewer)
    page.clock.install()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    lease = page.locator("#lease")
    expect(lease).to_contain_text("renewed while you work")

    page.context.set_offline(True)
    expect(lease).to_contain_text("Callus does not answer", timeout=SOON_ENOUGH)
    page.clock.run_for(SOON_ENOUGH)
    expect(bar(page)).to_have_text(NOT_CURRENT)  # the poll for the model's output
    page.context.set_offline(False)
    expect(lease).to_contain_text("renewed while you work", timeout=SOON_ENOUGH)
    expect(bar(page)).to_be_empty(timeout=SOON_ENOUGH)

    page.context.clear_cookies(name="sessionid")
    expect(bar(page)).to_contain_text("you are signed out", timeout=SOON_ENOUGH)
    page.mouse.move(50, 50)
    page.clock.fast_forward("03:01")
    expect(lease).to_contain_text("You are signed out. Your claim lasts until")
    soon = timezone.now() + timedelta(minutes=1)
    Reading.objects.filter(case=case).update(claimed_until=soon)
    with page.expect_popup() as other_tab:
        page.evaluate("window.open('about:blank')")
    sign_in_by_form(other_tab.value, web_site.url, web_site.people.reviewer.email)
    page.bring_to_front()
    expect(lease).to_contain_text("renewed while you work", timeout=SOON_ENOUGH)
    expect(bar(page)).to_be_empty(timeout=SOON_ENOUGH)
    case.refresh_from_db()
    assert case.claimed_until > timezone.now() + timedelta(minutes=10)

    page.context.set_offline(True)
    page.clock.fast_forward("15:01")
    expect(lease).to_have_text("Your claim has run out. What you typed is kept.")
