"""The page of a case that arrives follows it by itself."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.e2e.test_first_light import sign_in
from tests.factories import incoming, picture_bytes
from triage.intake.details import CaseDetails
from triage.intake.dispatch import send_decode_queued
from triage.intake.services import arrive_case
from triage.models import DecodeJob
from triage.vocabulary import BodyPart, Source

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.e2e


def arriving(web_site, *files):
    """A case whose files no worker takes before ``go_on``."""
    case = arrive_case(
        sender=web_site.people.clinician,
        site=web_site.site,
        files=files,
        details=CaseDetails(body_part=BodyPart.WRIST, accession_number="A-77"),
        source=Source.WEB,
    )
    DecodeJob.objects.update(not_before=timezone.now() + timedelta(hours=1))
    return case


def go_on(**jobs):
    DecodeJob.objects.filter(**jobs).update(not_before=None)
    send_decode_queued()


def test_it_counts_the_files_and_becomes_the_case(web_site, page, monkeypatch):
    monkeypatch.setattr("triage.intake.services.send_decode_queued_on_commit", lambda files: None)
    case = arriving(web_site, incoming("one.png"), incoming("two.png", picture_bytes(2)))
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.get_by_text("0 of 2 files read")).to_be_visible()
    go_on(position=1)
    expect(page.get_by_text("1 of 2 files read")).to_be_visible(timeout=15_000)
    go_on()
    expect(page.locator(".case-head h1")).to_have_text("A-77", timeout=15_000)


def test_it_says_why_the_case_was_refused_and_is_dismissed(web_site, page, monkeypatch):
    monkeypatch.setattr("triage.intake.services.send_decode_queued_on_commit", lambda files: None)
    case = arriving(web_site, incoming("letter.png", b"Dear colleague"))
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.get_by_text("The file is being read")).to_be_visible()
    go_on()
    expect(page.get_by_text("letter.png is a text file")).to_be_visible(timeout=15_000)
    page.goto(f"{web_site.url}/cases/new/")
    page.get_by_text("1 upload was refused").click()
    page.get_by_role("link", name="A-77").click()
    page.get_by_role("button", name="Dismiss").click()
    expect(page).to_have_url(re.compile("/cases/new/$"))
    expect(page.get_by_text("1 upload was refused")).to_have_count(0)
