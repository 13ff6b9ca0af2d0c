"""A draft outlives its tab, its session and its connection."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.draft_page import SAVED, DraftPage, let_claims_lapse
from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import lose_session, sign_in_by_form
from tests.processes import wait_until
from triage.models import Draft, Reading, Review
from triage.review.claims import claim, lock_case
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


@WIDTHS
def test_a_draft_survives_a_closed_tab_and_ends_with_the_signature(drafting, width):
    first = drafting(width)
    first.page.get_by_label("No fracture").first.check()
    first.write("Clear.")
    first.write("Clear. No step.", is_saved=False)
    second = first.another_tab()
    first.page.close(run_before_unload=False)
    wait_until(lambda: second.on_site == "Clear. No step.", 10, "the save on leaving")

    tab = second.page
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{second.web_site.url}/drafts/")
    tab.get_by_role("link", name=second.case.short_name).click()
    expect(second.comment).to_have_value("Clear. No step.")
    answer = tab.get_by_label("No fracture").first
    expect(answer).to_be_checked()
    is_ready(tab)
    answer.click()  # what came back is not signed untouched
    second.press("Sign")
    expect(tab.get_by_text("Signed.", exact=True)).to_be_visible()
    assert Review.objects.get().comment == "Clear. No step."
    assert not Draft.objects.exists()
    assert tab.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft.'))") == []


def close_by_another(draft: DraftPage) -> None:
    expect(draft.page.locator("#lease")).to_be_visible()
    let_claims_lapse()
    other = draft.web_site.people.clinician2
    sign(case=draft.case, reader=other, given=GivenOpinion("none"))


@WIDTHS
def test_what_was_written_stays_readable_when_another_has_signed(drafting, width):
    draft = drafting(width)
    page, kept = draft.page, draft.kept
    draft.write("I see a spiral fracture.")
    page.route(
        "**/head/**", lambda route: route.abort()
    )  # or the page knows before Sign is pressed
    close_by_another(draft)
    page.get_by_label("No fracture").first.check()
    draft.press("Sign")
    expect(page.get_by_role("alert").first).to_contain_text("This case is closed")
    for _ in range(2):
        expect(kept).to_contain_text("I see a spiral fracture.")
        expect(kept).to_contain_text("No fracture")
        page.reload()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    kept.get_by_role("button", name="Copy").click()
    expect(kept.get_by_role("button", name="Copied")).to_be_visible()
    assert "spiral" in page.evaluate("navigator.clipboard.readText()")
    kept.get_by_role("button", name="Discard").click()
    expect(kept).to_have_count(0)
    assert not Draft.objects.exists()


def test_what_is_typed_before_the_scripts_came_is_saved_and_claims(drafting):
    draft, held = drafting(), []
    page = draft.page
    page.route(re.compile(r"/js/case\."), lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    draft.comment.fill("Faster.")
    wait_until(lambda: page.wait_for_timeout(50) or held, 10, "the script's request")
    held[0].continue_()
    expect(page.locator("#lease")).to_be_visible()
    expect(draft.state).to_have_text(SAVED)
    assert draft.on_site == "Faster."


def test_while_the_line_is_cut_it_stays_in_the_tab(drafting):
    draft = drafting()
    draft.write("Before.")
    draft.page.context.set_offline(True)
    draft.write("Before. Meanwhile.", is_saved=False)
    expect(draft.trouble).to_have_text("Not saved: Callus does not answer; kept in this tab")
    expect(draft.state).to_be_empty()
    draft.page.context.set_offline(False)
    expect(draft.state).to_have_text(SAVED, timeout=10_000)
    expect(draft.trouble).to_be_empty()
    assert draft.on_site == "Before. Meanwhile."


def type_while_nothing_answers(draft: DraftPage) -> list[str]:
    """Returns the browser's questions; who is asked stays."""
    asked: list[str] = []
    draft.page.on("dialog", lambda dialog: asked.append(dialog.type) or dialog.dismiss())
    draft.page.route("**/draft", lambda route: None)  # nobody knows yet whether the line is cut
    draft.comment.click()
    draft.page.keyboard.type("Typed last.")
    return asked


def test_what_was_typed_last_does_not_go_with_its_tab_unasked(drafting):
    draft = drafting()
    asked = type_while_nothing_answers(draft)
    draft.page.close(run_before_unload=True)
    other = draft.page.context.new_page()
    wait_until(lambda: other.wait_for_timeout(50) or asked or draft.page.is_closed(), 10, "")
    assert asked == ["beforeunload"]
    expect(draft.comment).to_have_value("Typed last.")


def test_nothing_is_asked_where_the_next_page_has_it(drafting):
    draft = drafting()
    asked = type_while_nothing_answers(draft)
    draft.page.get_by_role("link", name="Worklist").first.click()
    draft.page.wait_for_url(re.compile(r"/(\?.*)?$"))
    draft.page.unroute_all()
    draft.open()
    expect(draft.comment).to_have_value("Typed last.")
    assert asked == []


def test_after_the_session_ended_the_newest_text_wins(drafting):
    draft = drafting()
    draft.write("Saved.")
    lose_session(draft.page)
    draft.write("Saved. And more.", is_saved=False)
    expect(draft.trouble).to_contain_text("you are signed out")
    sign_in_by_form(draft.page, draft.web_site.url, draft.web_site.people.reviewer.email)
    draft.open()
    expect(draft.comment).to_have_value("Saved. And more.")
    expect(draft.state).to_have_text(SAVED)
    assert draft.on_site == "Saved. And more."


def test_a_text_never_becomes_somebody_elses_draft(drafting):
    draft = drafting()
    people = draft.web_site.people
    draft.write("Of the reviewer.")
    lose_session(draft.page)
    other = draft.another_tab()
    sign_in_by_form(other.page, draft.web_site.url, people.clinician2.email)
    draft.write("Of the reviewer, and more.", is_saved=False)
    expect(draft.trouble).to_contain_text("somebody else is signed in")
    let_claims_lapse()  # the page, of somebody else now, shows no claim
    other.open()
    expect(other.comment).to_have_value("")
    assert [row.reader for row in Draft.objects.all()] == [people.reviewer]


def test_signing_out_saves_what_was_typed_last(drafting):
    draft = drafting()
    draft.write("Typed last.", is_saved=False)
    draft.page.locator(".menu summary").last.click()
    draft.press("Sign out")
    draft.page.wait_for_url("**/accounts/login/**")
    assert draft.on_site == "Typed last."
    assert draft.page.evaluate("sessionStorage.length") == 0


def test_what_is_typed_after_ones_own_signature_elsewhere_is_kept_in_the_tab(drafting):
    draft = drafting()
    draft.write("One.")
    sign(
        case=draft.case,
        reader=draft.web_site.people.reviewer,
        given=GivenOpinion("none", comment="One."),
    )
    draft.write("One. And what I add.", is_saved=False)
    expect(draft.trouble).to_contain_text("you have signed this case elsewhere; kept in this tab")
    for _ in range(2):
        draft.open()
        expect(draft.kept).to_contain_text("One. And what I add.")
        expect(draft.kept).to_contain_text(
            re.compile(r"Written \w+ \d+, \d{4}, \d\d:\d\d. It is in")
        )
    draft.kept.get_by_role("button", name="Discard").click()
    draft.open()
    expect(draft.page.get_by_text("And what I add.")).to_have_count(0)


def test_on_a_page_without_a_form_each_text_is_shown(drafting):
    """The site has the text of another device; it takes this one's once that is discarded."""
    draft = drafting()
    draft.write("One.")
    draft.page.route("**/draft", lambda route: route.abort())
    draft.write("One, and more.", is_saved=False)
    expect(draft.trouble).to_contain_text("kept in this tab")
    draft.save_elsewhere("Two.")
    close_by_another(draft)
    draft.page.unroute_all()
    for _ in range(2):
        draft.open()
        expect(draft.kept).to_have_text([re.compile("Two."), re.compile("One, and more.")])
    draft.kept.first.get_by_role("button", name="Discard").click()
    expect(draft.kept).to_have_count(1)
    wait_until(lambda: draft.on_site == "One, and more.", 10, "the save of what the tab had")


def test_a_text_that_is_saved_takes_nothing_that_is_typed_meanwhile(drafting):
    """Another reader holds the case, and this one says in a form why that should end."""
    draft, held = drafting(), []
    draft.page.route("**/draft", lambda route: route.abort())
    draft.write("Of this tab.", is_saved=False)
    expect(draft.trouble).to_contain_text("kept in this tab")
    with transaction.atomic():
        lock_case(draft.case)  # or the page renews the claim meanwhile
        let_claims_lapse()
        claim(case=draft.case, reader=draft.web_site.people.clinician2)
        idle = timezone.now() + timedelta(seconds=500)
        Reading.objects.going_on().update(claimed_until=idle)
    draft.page.unroute_all()
    draft.page.route("**/draft", lambda route: held.append(route))
    draft.open()
    wait_until(lambda: draft.page.wait_for_timeout(50) or held, 10, "the text is sent")
    why = draft.page.locator("#why-ended")
    why.fill("Called away.")
    held[0].continue_()
    expect(draft.kept).to_contain_text("It is one of your drafts now.")
    expect(draft.kept).to_contain_text("Of this tab.")
    expect(why).to_have_value("Called away.")
    assert draft.on_site == "Of this tab."
