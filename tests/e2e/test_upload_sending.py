"""What the upload page's cards say is what is sent, whatever happens while it goes out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.line import line_to
from tests.e2e.test_first_light import sign_in_by_form
from tests.e2e.upload_page import (
    API,
    button,
    card,
    choose,
    drop,
    open_card,
    press_send,
    stored,
    summary,
)
from triage.models import Case
from triage.vocabulary import Priority

pytestmark = [pytest.mark.e2e]


def test_what_is_added_while_sending_stays_ready_and_goes_out_next(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:2])
    press_send(page)
    held.wait(2)
    choose(page, pictures[2])
    drop(page, pictures[3])
    expect(page.locator("#count")).to_have_text("0 of 2 sent, 2 ready to send")
    held.release()
    summary(page, "2 sent, 0 refused")
    expect(page.locator(".case .name")).to_have_text(["three.png", "four.png"])
    # What was said for the patients before is not said of the next ones.
    expect(card(page, "four.png")).to_contain_text("Body part is missing")
    assert stored() == ["one.png", "two.png"]
    page.select_option("#body_part", "WRIST")
    expect(card(page, "four.png")).to_contain_text("ready to send")
    press_send(page)
    summary(page, "2 sent, 0 refused")
    expect(page.locator(".case")).to_have_count(0)
    assert stored() == ["four.png", "one.png", "three.png", "two.png"]


def test_what_is_added_and_sent_while_sending_goes_out_too(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:2])
    press_send(page)
    held.wait(2)
    choose(page, *pictures[2:])
    press_send(page)
    expect(page.locator("#count")).to_have_text("0 of 4 sent")
    button(card(page, "three.png"), "Remove").click()
    held.release()
    summary(page, "3 sent, 0 refused")
    assert stored() == ["four.png", "one.png", "two.png"]


def test_a_file_that_falls_beside_the_area_is_in_the_list(upload, pictures):
    """A browser that is left to itself opens it in place of the page."""
    page = upload.page
    choose(page, pictures[0])
    drop(page, pictures[1], onto="h1")
    expect(page.locator(".case .name")).to_have_text(["one.png", "two.png"])
    kept = """item => {
        const dataTransfer = new DataTransfer();
        if (item === "file") dataTransfer.items.add(new File(["x"], "x.png"));
        else dataTransfer.items.add(item, "text/plain");
        const event = new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true });
        return document.querySelector("h1").dispatchEvent(event);
    }"""
    assert not page.evaluate(kept, "file")
    assert page.evaluate(kept, "words for the question")  # a field takes them as ever


def test_a_waiting_file_that_is_removed_does_not_go_out_and_send_pressed_twice_sends_once(
    upload, pictures
):
    page, held = upload.page, upload.held()
    choose(page, *pictures)
    twice = "form => { form.requestSubmit(); form.requestSubmit(); }"
    page.locator("#upload").evaluate(twice)
    held.wait(2)
    page.locator("#upload").evaluate(twice)
    expect(card(page, "one.png")).to_contain_class("sending")
    expect(button(card(page, "one.png"), "Remove")).to_be_hidden()
    expect(card(page, "three.png").locator(".said")).to_have_text("waits to be sent")
    button(card(page, "three.png"), "Remove").click()
    held.release()
    summary(page, "3 sent, 0 refused")
    assert stored() == ["four.png", "one.png", "two.png"]


def test_what_a_card_says_is_that_of_the_moment_of_send(upload, pictures):
    """And what is typed for the next patient meanwhile is not cleared with the last one's."""
    page, held = upload.page, upload.held()
    choose(page, *pictures[:2])
    page.locator("#pick-all").check()
    page.get_by_role("button", name="Make one case").click()
    both = open_card(page, "one.png")
    both.get_by_label("Accession number").fill("FIRST")
    page.locator("#upload summary").get_by_text("More", exact=True).click()
    page.fill("#clinical_question", "Of the first patient")
    page.select_option("#priority", "stat")
    press_send(page)
    held.wait()
    expect(both.get_by_label("Accession number")).to_be_disabled()
    page.select_option("#priority", "urgent")
    page.select_option("#body_part", "FOOT")
    expect(both.locator("[data-name=priority] option").first).to_have_text("As for all: Stat")
    choose(page, pictures[2])
    held.release()
    summary(page, "1 sent, 0 refused")
    case = Case.objects.get()
    found = (case.accession_number, case.priority, case.body_part, case.images.count())
    assert found == ("FIRST", Priority.STAT, "HAND", 2)
    assert case.clinical_question == "Of the first patient"
    expect(page.locator("#clinical_question")).to_have_value("")
    expect(page.locator("#priority")).to_have_value("urgent")
    expect(page.locator("#body_part")).to_have_value("FOOT")


def test_a_line_that_breaks_in_the_middle_sends_the_rest_by_itself_and_nothing_twice(
    upload, pictures
):
    page = upload.page
    keys: list[str] = []

    def breaks_after_one(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            route.abort()
        else:
            route.continue_()

    page.route(API, breaks_after_one)
    choose(page, *pictures[:3])
    press_send(page)
    expect(card(page, "one.png")).to_contain_class("accepted", timeout=20_000)
    page.context.set_offline(True)
    expect(page.locator("#line")).to_contain_text("The connection is lost", timeout=20_000)
    page.unroute(API)
    page.on("request", lambda sent: keys.append(sent.headers.get("idempotency-key", "")))
    page.context.set_offline(False)
    summary(page, "3 sent, 0 refused")
    assert stored() == ["one.png", "three.png", "two.png"]
    assert len(set(keys) - {""}) == 3  # a key for each case, however often it went out


def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(upload, pictures):
    """The case is stored and its answer never comes: the page must not say that nothing was stored."""
    page = upload.page
    with line_to(upload.site.url) as line:
        page.goto(f"{line.url}/cases/new/")
        page.select_option("#body_part", "HAND")
        choose(page, pictures[0])
        keys: list[str] = []
        page.on("request", lambda sent: keys.append(sent.headers.get("idempotency-key", "")))
        line.loses_answers = True
        press_send(page)
        expect(page.locator("#line")).to_contain_text("The connection is lost", timeout=20_000)
        expect(card(page, "one.png")).to_contain_class("queued")
        page.get_by_role("button", name="Stop").click()
        expect(card(page, "one.png").locator(".said")).to_contain_text("It may be stored")
        # Changed, it would be a second case.
        expect(card(page, "one.png").get_by_label("Accession number")).to_be_disabled()
        line.loses_answers = False
        press_send(page)
        summary(page, "1 sent, 0 refused")
        assert len(set(keys) - {""}) == 1
        assert stored() == ["one.png"]  # once


def test_stop_leaves_what_is_not_sent(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    press_send(page)
    held.wait(2)
    page.get_by_role("button", name="Stop").click()
    summary(page, "0 sent, 0 refused, 3 not sent")
    expect(card(page, "three.png")).to_contain_text("you stopped it")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("3 ready to send")
    assert stored() == []


def test_one_case_is_cancelled_and_the_others_go_on(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    press_send(page)
    held.wait(2)
    for name in ("one.png", "three.png"):  # one that is on its way, and one that waits
        button(card(page, name), "Cancel").click()
        expect(card(page, name).locator(".said")).to_contain_text("you stopped it")
    held.release()
    summary(page, "1 sent, 0 refused, 2 not sent")
    assert stored() == ["two.png"]
    button(card(page, "one.png"), "Try again").click()
    summary(page, "2 sent, 0 refused, 1 not sent")
    assert stored() == ["one.png", "two.png"]


def test_a_site_that_is_busy_is_asked_again(upload, pictures):
    page = upload.page
    busy: list[str] = []

    def busy_twice(route: Route) -> None:
        busy.append(route.request.headers["idempotency-key"])
        if len(busy) > 2:
            route.continue_()
        else:
            route.fulfill(status=(503, 408)[len(busy) - 1], headers={"Retry-After": "1"}, body="{}")

    page.route(API, busy_twice)
    choose(page, pictures[0])
    press_send(page)
    expect(card(page, "one.png").locator(".said")).to_contain_text("the site is busy")
    summary(page, "1 sent, 0 refused")
    assert len(busy) == 3
    assert len(set(busy)) == 1


def test_a_full_disk_is_said_once_and_what_waits_stays(upload, pictures):
    page = upload.page
    body = '{"error": {"code": "storage_full", "message": "The disk is full."}}'
    page.route(API, lambda route: route.fulfill(status=507, body=body))
    choose(page, *pictures[:3])
    press_send(page)
    summary(page, "0 sent, 0 refused, 3 not sent")
    expect(page.locator("#line")).to_contain_text("The disk of the site is full")
    page.unroute(API)
    press_send(page)
    summary(page, "3 sent, 0 refused")


def test_what_arrives_is_asked_for_until_it_is_received_or_refused(upload, pictures):
    """202: the site has it and decodes it. Here the test says how that goes on."""
    page = upload.page
    page.route(API, lambda route: arrive(route))
    looks: dict[str, int] = {}

    def arrive(route: Route) -> None:
        number = len(looks) + 1
        looks[f"c{number}"] = 0
        headers = {"Location": f"/api/v1/cases/c{number}", "Content-Type": "application/json"}
        route.fulfill(status=202, headers=headers, json={"id": f"c{number}", "state": "arriving"})

    def look(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        looks[name] += 1
        files = [{"name": "?", "position": 1, "code": "cut", "reason": "It is cut off."}]
        refusal = {"code": "intake_refused", "message": "No.", "fields": {}, "files": files}
        ended = {"state": "received"} if name == "c1" else {"state": "refused", "refusal": refusal}
        route.fulfill(json={"id": name, **({"state": "arriving"} if looks[name] < 2 else ended)})

    page.route(re.compile(r"/api/v1/cases/c\d$"), look)
    dismissed: list[str] = []
    page.route(
        "**/dismissal", lambda route: (dismissed.append(route.request.url), route.fulfill(json={}))
    )
    choose(page, *pictures[:2])
    press_send(page)
    expect(page.locator(".said").first).to_have_text("arrived, being checked")
    expect(button(card(page, "one.png"), "Remove")).to_be_hidden()
    summary(page, "1 sent, 1 refused")
    expect(page.locator(".case .said")).to_have_text("It is cut off.")
    assert looks == {"c1": 2, "c2": 2}
    assert dismissed == []
    button(page.locator(".case"), "Remove").click()
    expect(page.locator(".case")).to_have_count(0)
    assert [url.rsplit("/", 2)[1] for url in dismissed] == ["c2"]


def test_a_refused_field_is_named_as_on_the_page(upload, pictures):
    page = upload.page
    fields = {"accession_number": ["At most 64 characters are kept."]}
    error = {"code": "intake_refused", "message": "Some fields are not valid.", "fields": fields}
    page.route(API, lambda route: route.fulfill(status=400, json={"error": error}))
    choose(page, pictures[0])
    press_send(page)
    summary(page, "0 sent, 1 refused")
    said = "Some fields are not valid. Accession number: At most 64 characters are kept."
    expect(page.locator(".case .said")).to_have_text(said)


def test_a_file_that_is_gone_since_it_was_chosen_is_said_and_the_others_go_out(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    press_send(page)
    held.wait(2)
    pictures[2].unlink()
    held.release()
    summary(page, "2 sent, 0 refused, 1 not sent")
    expect(card(page, "three.png")).to_contain_text("has changed or is gone since it was chosen")


@pytest.fixture
def other_tab(upload) -> Callable[[str], None]:
    """``other_tab(email)``: the session ends, and somebody signs in in another tab."""

    def sign_in_there(email: str) -> None:
        context = upload.page.context
        context.clear_cookies(name="sessionid")
        tab = context.new_page()
        sign_in_by_form(tab, upload.site.url, email)
        tab.close()

    return sign_in_there


def test_sending_goes_on_after_signing_in_again_in_another_tab(upload, pictures, other_tab):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    press_send(page)
    held.wait(2)
    page.context.clear_cookies(name="sessionid")  # in the middle
    held.release()
    expect(page.locator("#line")).to_contain_text("Sign in again in another tab", timeout=20_000)
    expect(page.locator("#line a")).to_have_attribute("target", "_blank")
    expect(page.locator(".case")).to_have_count(3)
    other_tab(upload.site.people.clinician.email)
    summary(page, "3 sent, 0 refused")
    assert {case.sender for case in Case.objects.all()} == {upload.site.people.clinician}
    assert stored() == ["one.png", "three.png", "two.png"]


def test_nothing_is_sent_in_the_name_of_somebody_else(upload, pictures, other_tab):
    page = upload.page
    choose(page, pictures[0])
    other_tab(upload.site.people.clinician2.email)
    press_send(page)
    expect(page.locator("#line")).to_contain_text("Somebody else is signed in", timeout=20_000)
    assert not Case.objects.exists()
    other_tab(upload.site.people.clinician.email)
    summary(page, "1 sent, 0 refused")
    assert Case.objects.get().sender == upload.site.people.clinician


def test_two_tabs_send_each_their_own(upload, pictures):
    page = upload.page
    other = page.context.new_page()
    other.goto(page.url)
    for tab, files in ((page, pictures[:2]), (other, pictures[2:])):
        tab.select_option("#body_part", "HAND")
        choose(tab, *files)
    press_send(page)
    press_send(other)
    summary(page, "2 sent, 0 refused")
    summary(other, "2 sent, 0 refused")
    assert stored() == ["four.png", "one.png", "three.png", "two.png"]


def test_a_refusal_is_said_on_the_card_and_sent_again_once_something_changed(
    upload, tmp_path: Path, pictures
):
    page = upload.page
    note = tmp_path / "note.png"
    note.write_text("This is no picture.")
    choose(page, note, pictures[0])
    press_send(page)
    summary(page, "1 sent, 1 refused")
    expect(page.locator(".case .name")).to_have_text(["note.png"])
    expect(card(page, "note.png").locator(".said")).to_contain_text("note.png")
    press_send(page)
    expect(page.locator("#count")).to_contain_text("must be changed first")
    open_card(page, "note.png").get_by_label("Accession number").fill("A-1")
    press_send(page)
    summary(page, "1 sent, 1 refused")
