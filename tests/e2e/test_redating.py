"""The waits page shows how far the new deadlines are, by itself and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Redating
from triage.states import CaseState
from triage.worklist import redating as module
from triage.worklist.redating import redate_chunk

pytestmark = [pytest.mark.e2e]


def test_progress_goes_on_by_itself_and_is_quiet_when_the_line_is_down(
    web_site,
    page,
    monkeypatch,
):
    monkeypatch.setattr(module, "CHUNK", 2)
    for _ in range(5):
        make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)
    sign_in(page, web_site.url, web_site.people.admin.email)
    address = f"{web_site.url}/sites/north/waits/"
    page.goto(address)
    page.get_by_label("Routine", exact=True).fill("600")
    in_doubt = page.get_by_label("Routine, in doubt")
    expect(in_doubt).to_have_attribute("placeholder", "half: 300")  # as it is typed
    preview = page.locator("#preview")
    expect(preview).to_contain_text("5 cases come sooner")  # by itself
    expect(preview.locator("tbody tr")).to_have_count(5)
    page.get_by_role("button", name="Save").click()
    place = page.locator("#redating")
    expect(place).to_contain_text("This begins in a moment.")

    redating = Redating.objects.get()
    redate_chunk(redating.pk)
    expect(place).to_contain_text("2 of 5")
    expect(place.locator("progress")).to_have_attribute("value", "2")

    page.context.set_offline(True)
    redate_chunk(redating.pk)
    expect(page.locator("#stale")).to_contain_text("Not current since", timeout=10_000)
    expect(place).to_contain_text("2 of 5")
    page.context.set_offline(False)
    expect(page.locator("#stale")).to_be_empty(timeout=10_000)
    expect(place).to_contain_text("4 of 5")

    without_scripts = page.context.browser.new_context(java_script_enabled=False)
    without_scripts.add_cookies(page.context.cookies())
    plain = without_scripts.new_page()
    plain.goto(address)
    expect(plain.locator("#redating")).to_contain_text("4 of 5")
    redate_chunk(redating.pk)
    plain.get_by_role("link", name="Look again").click()
    expect(plain.locator("#redating")).to_contain_text("5 deadlines changed")
    without_scripts.close()

    expect(place).to_contain_text("5 deadlines changed")
    expect(place.locator("progress")).to_have_count(0)


def test_without_scripts_a_table_is_looked_at_and_then_saved(web_site, page):
    make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED)
    sign_in(page, web_site.url, web_site.people.admin.email)
    without_scripts = page.context.browser.new_context(java_script_enabled=False)
    without_scripts.add_cookies(page.context.cookies())
    plain = without_scripts.new_page()
    plain.goto(f"{web_site.url}/sites/north/waits/")
    plain.get_by_label("Routine", exact=True).fill("600")
    plain.get_by_role("button", name="Show what changes").click()
    expect(plain.locator("#preview")).to_contain_text("1 case comes sooner")
    assert not Redating.objects.exists()
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator(".messages, main").first).to_contain_text("Saved.")
    assert Redating.objects.count() == 1
    without_scripts.close()
