"""The two loops that a signature opens, to their ends, as a desk and a phone show them."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.test_phone import BEYOND
from tests.factories import make_case
from tests.smtp import body_of, mail_server
from triage.models import CallBack, CriticalResult, InterimOpinion, Notice
from triage.report.tasks import send_notices
from triage.review.opinion import GivenOpinion
from triage.review.services import correct

pytestmark = [pytest.mark.e2e]


@pytest.fixture(params=[1440, 390])
def screen(request, web_site, page) -> Page:
    page.set_viewport_size({"width": request.param, "height": 900})
    return page


@pytest.fixture
def mails(settings, web_site):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.PUBLIC_URL = web_site.url
        yield server


def assert_fits(screen: Page) -> None:
    assert screen.evaluate(BEYOND) == []


LABELS = """() => [...document.querySelectorAll("table.stack td[data-label]")].map(
    (cell) => [cell.dataset.label, getComputedStyle(cell, "::before").content])"""


def assert_labelled(screen: Page, *labels: str) -> None:
    """On a phone, where the table has no head, each cell says what it is."""
    shown = screen.evaluate(LABELS)
    assert {label for label, _content in shown} >= {*labels}
    is_phone = screen.viewport_size["width"] < 500
    for label, content in shown:
        assert content == (f'"{label}"' if is_phone else "none")


def signed_in(screen: Page, url: str, email: str) -> None:
    screen.context.clear_cookies()
    sign_in(screen, url, email)


def sign_dislocation(screen: Page, web_site, case) -> None:
    """By REST, as the reviewer who is signed in on the page."""
    answer = screen.evaluate(
        """async ([address, token, body]) => (await fetch(address, {
            method: "POST", body: JSON.stringify(body),
            headers: {"Content-Type": "application/json", "X-CSRFToken": token},
        })).status""",
        [
            reverse("api_case_reviews", args=[case.pk]),
            screen.locator("[name=csrfmiddlewaretoken]").first.input_value(),
            {"opinion": "other_class", "classes": ["fracture_dislocation"]},
        ],
    )
    assert answer == 201


def test_from_the_interim_opinion_to_both_outcomes(web_site, screen, mails):
    people, url = web_site.people, web_site.url
    case = make_case(web_site.site, people.clinician)

    # The clinic says what it thinks and did.
    signed_in(screen, url, people.clinician.email)
    screen.goto(f"{url}/cases/{case.pk}/")
    panel = screen.locator("#interim")
    panel.get_by_label("No fracture").check()
    panel.get_by_label("Treated as").select_option("soft_tissue")
    panel.get_by_label("In words").fill("Bandage, sent home.")
    panel.get_by_role("button", name="Record").click()
    for place in (panel, screen.locator("#head")):
        expect(place.get_by_text("treated as: a sprain or bruise")).to_be_visible()
    assert_fits(screen)
    assert InterimOpinion.objects.get().author == people.clinician

    # Somebody else signs a dislocation: both loops are open at once.
    signed_in(screen, url, people.reviewer.email)
    screen.goto(f"{url}/cases/{case.pk}/")
    sign_dislocation(screen, web_site, case)
    assert CallBack.objects.get().owner == people.clinician
    assert CriticalResult.objects.get().is_waiting

    # The sender doesn't answer, so the next are notified; a colleague follows the link of the mail.
    send_notices()
    CriticalResult.objects.update(next_at=F("next_at") - timedelta(minutes=15))
    send_notices()
    assert [mail["To"] for mail in mails.mails].count(people.clinician2.email) == 1
    (mail,) = [mail for mail in mails.mails if mail["To"] == people.clinician2.email]
    link = re.search(r"http\S+critical-results\S+", body_of(mail))[0]
    signed_in(screen, url, people.clinician2.email)
    screen.goto(f"{url}/")
    expect(screen.get_by_text("1 critical result waits for your acknowledgement")).to_be_visible()
    screen.get_by_text("1 critical result waits").click()
    expect(screen.get_by_role("heading", name="For you to acknowledge")).to_be_visible()
    assert_labelled(screen, "Signed", "State")
    screen.goto(link)
    assert_fits(screen)
    assert_labelled(screen, "When", "E-mail")
    screen.get_by_label("In words").fill("Theatre is informed.")

    # The opinion is corrected while they read it, so it comes back with what is signed now.
    displaced = GivenOpinion("certain", ("fracture_dislocation",), displaced=True)
    correct(review=CriticalResult.objects.get().review, reader=people.reviewer, given=displaced)
    screen.get_by_role("button", name="I took note of it").click()
    expect(screen.get_by_text("The opinion was corrected since you opened")).to_be_visible()
    expect(screen.get_by_text("fracture dislocation, displaced")).to_be_visible()
    expect(screen.get_by_label("In words")).to_have_value("Theatre is informed.")
    assert_fits(screen)
    assert CriticalResult.objects.get().is_waiting
    screen.get_by_role("button", name="I took note of it").click()
    expect(screen.get_by_text("Nobody else is notified.").first).to_be_visible()
    assert CriticalResult.objects.get().acknowledged_by == people.clinician2
    screen.goto(f"{url}/")
    expect(screen.locator("#critical-results")).to_have_count(0)

    # The sender rings twice and closes the call-back with its outcome.
    signed_in(screen, url, people.clinician.email)
    screen.goto(f"{url}/")
    screen.get_by_text("1 patient must be called back").click()
    expect(screen.get_by_role("heading", name="For you to act")).to_be_visible()
    assert_fits(screen)
    assert_labelled(screen, "Why", "Who must act", "Act by", "Attempts")
    screen.get_by_role("link", name=re.compile(case.accession_number)).click()
    for outcome in ("not_reached", "reached"):
        screen.get_by_label("What became of it?").select_option(outcome)
        screen.get_by_role("button", name="Record the attempt").dblclick()
        expect(screen.get_by_text("The attempt is recorded.")).to_be_visible()
    assert_fits(screen)
    screen.get_by_label("Outcome").select_option("comes_back")
    screen.get_by_role("button", name="Close the call-back").click()
    expect(screen.get_by_text("The call-back is closed.")).to_be_visible()
    ended = CallBack.objects.get()
    assert (ended.outcome, ended.attempts.count()) == ("comes_back", 2)
    assert ended.notices.get().person == people.clinician
    link = reverse("call_back", args=[ended.pk])
    assert any(link in body_of(mail) for mail in mails.mails)
    screen.goto(f"{url}{reverse('call_backs')}?closed=1")
    assert_fits(screen)
    assert_labelled(screen, "Closed")
    screen.goto(f"{url}{reverse('sent')}")
    assert_fits(screen)
    assert_labelled(screen, "Sent", "State", "Signed opinion")
    screen.goto(f"{url}/")
    expect(screen.locator("#call-backs")).to_have_count(0)
    assert Notice.objects.filter(state="waiting").count() == 0
