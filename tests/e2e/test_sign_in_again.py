"""A page that outlives a sign-in: its forms work for the same person, and for nobody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership, Site
from tests.e2e.test_first_light import lose_session, sign_in_by_form
from tests.factories import PASSWORD, make_case
from tests.processes import wait_until
from triage.models import Case, Review
from triage.review.claims import claim
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def written(web_site, page) -> Page:
    """A case page with an opinion that is written and not signed; then the session ends."""
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in_by_form(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.get_by_label("No fracture").first.check()
    page.get_by_label("Comment").fill("Clear.")
    expect(page.get_by_text("Saved").first).to_be_visible()
    lose_session(page)
    return page


def sign_in_there(page: Page, base: str, email: str) -> None:
    tab = page.context.new_page()
    sign_in_by_form(tab, base, email)
    tab.close()


def press_sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()


def test_sign_works_after_signing_in_again_in_another_tab(web_site, written):
    expect(written.locator("#stale")).to_contain_text("you are signed out", timeout=15_000)
    press_sign(written)
    expect(written.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()
    expect(written.get_by_label("Comment")).to_have_value("Clear.")
    sign_in_there(written, web_site.url, web_site.people.reviewer.email)
    with written.expect_navigation():
        press_sign(written)
    review = Review.objects.get()
    assert (review.reader, review.comment) == (web_site.people.reviewer, "Clear.")


def test_sign_works_when_the_draft_has_found_the_new_sign_in(web_site, written):
    """The draft is saved again by itself; the form's own token is older than the sign-in."""
    written.get_by_label("Comment").fill("Clear, I think.")
    trouble = written.locator("[data-draft-trouble]")
    expect(trouble).to_contain_text("you are signed out")
    sign_in_there(written, web_site.url, web_site.people.reviewer.email)
    expect(written.locator("[data-draft-state]")).to_contain_text("Saved", timeout=15_000)
    with written.expect_navigation():
        press_sign(written)
    assert Review.objects.get().comment == "Clear, I think."


def test_nobody_signs_what_somebody_else_wrote(web_site, written):
    sign_in_there(written, web_site.url, web_site.people.stranger.email)
    press_sign(written)
    expect(written.get_by_role("alert").filter(has_text="Somebody else")).to_be_visible()
    expect(written.get_by_label("Comment")).to_have_value("Clear.")
    assert not Review.objects.exists()


def test_of_two_pages_to_sign_in_the_first_works_too(web_site, page):
    """A browser without cookies opens both at once: each brings a token, and the second one's is kept."""
    held = []
    page.route(re.compile(r"/js/site\."), lambda route: held.append(route))
    page.goto(f"{web_site.url}/accounts/login/", wait_until="commit")
    wait_until(lambda: page.wait_for_timeout(50) or held, 10, "the script's request")
    page.context.clear_cookies()
    page.context.new_page().goto(f"{web_site.url}/accounts/login/")
    for route in held:
        route.continue_()
    page.wait_for_load_state()
    page.unroute_all()
    page.fill("[name=login]", web_site.people.reviewer.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{web_site.url}/")


def claims(site: Any, page: Page) -> Callable[[], bool]:
    case = make_case(site.site, site.people.clinician)
    page.goto(f"{site.url}/cases/{case.pk}/")
    page.keyboard.press("Tab")
    return lambda: press(page, "Claim") and Case.objects.get().is_claimed_by(site.people.reviewer)


def gives_back(site: Any, page: Page) -> Callable[[], bool]:
    case = make_case(site.site, site.people.clinician)
    claim(case=case, reader=site.people.reviewer)
    page.goto(f"{site.url}/cases/{case.pk}/")
    return lambda: press(page, "Give back") and Case.objects.get().reading is None


def withdraws(site: Any, page: Page) -> Callable[[], bool]:
    case = make_case(site.site, site.people.clinician)
    page.goto(f"{site.url}/cases/{case.pk}/")
    page.get_by_text("Sent by mistake?").click()
    page.get_by_label("Why is it withdrawn?").fill("Wrong patient")
    return lambda: press(page, "Withdraw") and Case.objects.get().state == CaseState.WITHDRAWN


def adds_a_person(site: Any, page: Page) -> Callable[[], bool]:
    page.goto(f"{site.url}/sites/north/people/")
    form = page.locator("form", has=page.locator("[name=email]"))
    form.locator("[name=name]").fill("New Person")
    form.locator("[name=email]").fill("new@example.org")
    form.locator("[name=roles]").first.check()
    made = Membership.objects.filter(user__email="new@example.org")
    return lambda: press(page, "Add", form) and made.count() == 1


def renames_a_site(site: Any, page: Page) -> Callable[[], bool]:
    page.goto(f"{site.url}/admin/accounts/site/{site.site.pk}/change/")
    page.locator("[name=name]").fill("North Hospital")
    renamed = Site.objects.filter(name="North Hospital")
    return lambda: press(page, "Save") and renamed.count() == 1


def press(page: Page, name: str, within: Any = None) -> bool:
    with page.expect_navigation():
        button = (within or page).get_by_role("button", name=name)
        button.first.click()
    return True


@pytest.mark.parametrize(
    ("who", "begin"),
    [
        ("reviewer", claims),
        ("reviewer", gives_back),
        ("reviewer", withdraws),
        ("admin", adds_a_person),
        ("staff", renames_a_site),
    ],
)
def test_every_form_works_after_signing_in_again_in_another_tab(web_site, page, who, begin):
    person = getattr(web_site.people, who)
    sign_in_by_form(page, web_site.url, person.email)
    end = begin(web_site, page)
    lose_session(page)
    sign_in_there(page, web_site.url, person.email)
    assert end()


def test_a_double_click_signs_once_and_says_so(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in_by_form(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.get_by_label("No fracture").first.check()
    page.get_by_label("Comment").fill("Clear.")
    page.get_by_role("button", name="Sign", exact=True).dblclick()
    expect(page.get_by_text("Signed.", exact=True)).to_be_visible()
    assert len([url for url in posts if url.endswith("/review/")]) == 1
    assert Review.objects.count() == 1
