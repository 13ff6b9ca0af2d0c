"""A case that is sent again while somebody reads it: the reader and the sender learn it in the browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.upload_page import choose, open_card, press_send
from tests.intake.test_newer_versions import film, sent
from triage.review.claims import claim

pytestmark = [pytest.mark.e2e]


def test_who_reads_it_is_sent_to_the_newer_version(web_site, page):
    people = web_site.people
    old = sent(people.clinician, web_site.site, film()).case
    claim(case=old, reader=people.reviewer)
    page.clock.install()
    sign_in(page, web_site.url, people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{old.pk}/")
    lease = page.locator("#lease")
    expect(lease).to_contain_text("renewed while you work")
    page.get_by_label("Comment").fill("My words")

    new = sent(people.clinician, web_site.site, film(exporter="second")).case
    page.mouse.move(50, 50)
    page.clock.fast_forward("03:01")
    expect(lease).to_contain_text(
        f"came as case ORD-77 ({new.short_name}), so nobody signs this one."
    )
    expect(lease).to_contain_text("What you typed is kept.")
    expect(page.get_by_label("Comment")).to_have_value("My words")
    lease.get_by_role("link", name="Open the newer version").click()
    expect(page).to_have_url(re.compile(f"/cases/{new.pk}/"))
    expect(page.locator(".notice:not([hidden])")).to_contain_text(
        "has replaced it before anybody signed that one."
    )


def test_the_upload_page_says_what_became_of_the_earlier_case(upload, tmp_path):
    page, site = upload.page, upload.site
    old = sent(site.people.clinician, site.site, film(), sex="M", patient_reference="P-1").case
    file = tmp_path / "again.dcm"
    file.write_bytes(film(exporter="second"))
    choose(page, file)
    open_card(page, "again.dcm").get_by_label("Body part").select_option("WRIST")
    press_send(page)
    said = page.locator("#summary-list")
    expect(said).to_contain_text("a newer version of an open case, which it has replaced")
    expect(said.get_by_role("link", name="earlier case")).to_have_attribute(
        "href", re.compile(str(old.pk))
    )
