"""Words for a form that acts are in this tab until they were sent, for who typed them."""

import pytest
from playwright.sync_api import expect

from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in, sign_in_by_form
from tests.factories import make_call_back, make_case, make_critical_result
from tests.processes import wait_until
from triage.models import InterimOpinion
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
WORDS = "Typed, and not sent."


@pytest.fixture
def at_form(web_site, page):
    """``at_form(which)``: the field of words of such a form, on its page."""
    people = web_site.people

    def open_it(which: str):
        is_signed = which in ("call back", "critical")
        state = CaseState.REVIEWED if is_signed else CaseState.PREDICTED
        case = make_case(web_site.site, people.clinician, state)
        path, who, field = f"/cases/{case.pk}/", "reviewer", "[name=reason]"
        if which in ("interim", "withdraw"):
            who = "clinician"
            field = "#interim-note" if which == "interim" else "#reason"
        elif which == "skip":
            field = ".skip-case [name=reason]"
        elif which == "call back":
            path, who, field = (
                f"/call-backs/{make_call_back(case).pk}/",
                "clinician",
                "[name=words]",
            )
        elif which == "critical":
            result = make_critical_result(case)
            path, who, field = f"/critical-results/{result.pk}/", "clinician", "[name=words]"
        sign_in(page, web_site.url, getattr(people, who).email)
        page.goto(f"{web_site.url}{path}")
        return page.locator(field).first, getattr(people, who)

    return open_it


def write(field):
    field.evaluate(
        """(field, words) => {
          document.querySelectorAll("details").forEach((one) => (one.open ||= one.contains(field)));
          field.value = words;
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        WORDS,
    )


@pytest.mark.parametrize("which", ["interim", "withdraw", "skip", "call back", "critical"])
def test_words_survive_a_reload_another_page_and_the_end_of_the_session(
    at_form, web_site, page, which
):
    field, person = at_form(which)
    address = page.url
    write(field)
    page.reload()
    expect(field).to_have_value(WORDS)
    expect(field).to_be_visible()
    page.goto(f"{web_site.url}/")
    page.context.clear_cookies()
    sign_in_by_form(page, web_site.url, person.email)
    page.goto(address)
    expect(field).to_have_value(WORDS)


def test_a_tab_is_not_closed_unasked(at_form, page):
    field, _ = at_form("withdraw")
    page.locator("#side h2").first.click()
    write(field)
    page.wait_for_timeout(1100)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    wait_until(lambda: page.wait_for_timeout(100) or asked, 10, "the browser's question")
    assert asked == ["beforeunload"]


def test_what_was_sent_is_forgotten_and_what_was_refused_is_not(at_form, page):
    field, _ = at_form("interim")
    is_ready(page)
    write(field)
    page.reload()
    page.locator("[name=interim_fracture][value=none]").check()
    page.select_option("#treated-as", "soft_tissue")
    page.reload()
    is_ready(page)
    expect(page.locator("[name=interim_fracture][value=none]")).to_be_checked()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("main .notice.success")).to_be_visible()
    page.wait_for_load_state()
    assert InterimOpinion.objects.get().note == WORDS
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('text.'))") == []
    page.reload()
    expect(page.locator("#interim-note")).to_have_value("")


def test_nobody_else_sees_them(at_form, web_site, page):
    field, _ = at_form("withdraw")
    address = page.url
    write(field)
    page.context.clear_cookies(name="sessionid")
    sign_in_by_form(page, web_site.url, web_site.people.reviewer.email)
    page.goto(address)
    expect(page.get_by_text("Sent by mistake?")).to_have_count(1)
    expect(page.locator("#reason")).to_have_value("")


def test_signing_out_says_what_it_removes(at_form, web_site, page):
    field, _ = at_form("withdraw")
    write(field)
    page.goto(f"{web_site.url}/drafts/")
    page.locator(".menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("[data-sign-out] .notice")).to_contain_text("in this tab alone")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("sessionStorage.length") == 0
