"""What the upload page's list says is what is sent, whatever happens while it goes out."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.line import line_to
from tests.e2e.test_first_light import sign_in
from tests.factories import picture_bytes
from tests.pictures import dicom, pixels
from tests.processes import wait_until
from triage.models import Case, Image
from triage.vocabulary import Priority

pytestmark = [pytest.mark.e2e]
API = "**/api/v1/cases"


class Held:
    """Requests of the page that wait until the test lets them go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[Route] = []
        self.open = False
        page.route(API, self._hold)

    def _hold(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self, number: int = 1) -> None:
        for _try in range(100):
            if len(self.routes) >= number:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.routes)} requests came, not {number}.")

    def release(self) -> None:
        """Those that wait, and all that come."""
        self.open = True
        for route in self.routes:
            route.continue_()


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    paths = [tmp_path / f"{name}.png" for name in ("one", "two", "three", "four")]
    for seed, path in enumerate(paths):
        path.write_bytes(picture_bytes(seed))
    return paths


@pytest.fixture
def upload(web_site, page) -> SimpleNamespace:
    """The upload page, with a body part chosen."""
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/new/")
    page.select_option("#body_part", "HAND")
    return SimpleNamespace(page=page, site=web_site, held=lambda: Held(page))


def choose(page: Page, *paths: Path) -> None:
    page.set_input_files("[type=file]", list(paths))


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def row(page: Page, name: str) -> object:
    return page.locator("#files li").filter(has_text=name)


def summary(page: Page, text: str) -> None:
    expect(page.locator("#summary-title")).to_have_text(text, timeout=20_000)


def stored() -> list[str]:
    return sorted(Image.objects.values_list("file_name", flat=True))


def test_what_is_added_while_sending_stays_ready_and_goes_out_next(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:2])
    press_send(page)
    held.wait()
    choose(page, pictures[2])
    drop(page, pictures[3])
    expect(page.locator("#count")).to_have_text("2 ready to send")
    held.release()
    summary(page, "2 sent, 0 refused")
    expect(page.locator("#files li")).to_have_count(2)
    expect(page.locator("#files .name")).to_have_text(["three.png", "four.png"])
    expect(row(page, "four.png")).to_contain_text("ready to send")
    expect(page.locator("#count")).to_have_text("2 ready to send")
    assert stored() == ["one.png", "two.png"]
    page.select_option("#body_part", "WRIST")
    press_send(page)
    summary(page, "2 sent, 0 refused")
    expect(page.locator("#files li")).to_have_count(0)
    assert stored() == ["four.png", "one.png", "three.png", "two.png"]


def drop(page: Page, *paths: Path, onto: str = "#drop") -> None:
    data = page.evaluate_handle(
        """files => {
            const data = new DataTransfer();
            for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name));
            return data;
        }""",
        [[path.name, list(path.read_bytes())] for path in paths],
    )
    page.dispatch_event(onto, "drop", {"dataTransfer": data})


def test_a_file_that_falls_beside_the_area_is_in_the_list(upload, pictures):
    """A browser that is left to itself opens it in place of the page."""
    page = upload.page
    choose(page, pictures[0])
    drop(page, pictures[1], onto="h1")
    expect(page.locator("#files .name")).to_have_text(["one.png", "two.png"])
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
    choose(page, *pictures[:3])
    twice = "form => { form.requestSubmit(); form.requestSubmit(); }"
    page.locator("#upload").evaluate(twice)
    held.wait()
    page.locator("#upload").evaluate(twice)
    expect(row(page, "one.png")).to_have_class("sending")
    expect(row(page, "one.png").get_by_role("button", name="Remove")).to_be_hidden()
    expect(row(page, "three.png").locator(".said")).to_have_text("waits to be sent")
    row(page, "three.png").get_by_role("button", name="Remove").click()
    held.release()
    summary(page, "2 sent, 0 refused")
    assert stored() == ["one.png", "two.png"]


def test_fields_and_grouping_are_those_of_the_moment_of_send(upload, pictures):
    """And what is typed for the next patient meanwhile is not cleared with the last one's."""
    page, held = upload.page, upload.held()
    page.get_by_text("More about the case").click()
    choose(page, *pictures[:2])
    page.get_by_label("All files are one case").check()
    page.get_by_label("Accession number").fill("FIRST")
    page.get_by_label("Clinical question").fill("Of the first patient")
    page.select_option("#priority", "stat")
    press_send(page)
    held.wait()
    page.get_by_label("Accession number").fill("SECOND")
    page.get_by_label("Each file is a case").check()
    page.select_option("#priority", "urgent")
    choose(page, pictures[2])
    held.release()
    summary(page, "2 sent, 0 refused")
    case = Case.objects.get()
    assert (case.accession_number, case.priority, case.images.count()) == (
        "FIRST",
        Priority.STAT,
        2,
    )
    expect(page.get_by_label("Accession number")).to_have_value("SECOND")
    expect(page.get_by_label("Clinical question")).to_have_value("")
    expect(page.locator("#priority")).to_have_value("urgent")


def test_a_line_that_breaks_leaves_the_rest_in_the_list(upload, pictures):
    page = upload.page
    first: list[Route] = []

    def breaks_after_one(route: Route) -> None:
        if first:
            route.abort()
        else:
            first.append(route)
            route.continue_()

    page.route(API, breaks_after_one)
    choose(page, *pictures[:3])
    press_send(page)
    summary(page, "1 sent, 0 refused, 2 not sent")
    expect(page.locator("#summary-list .errors")).to_have_count(2)
    expect(page.locator("#summary-list")).to_contain_text("three.png: Not sent")
    expect(page.locator("#count")).to_have_text("2 ready to send")
    page.unroute(API)
    press_send(page)
    summary(page, "3 sent, 0 refused")
    assert stored() == ["one.png", "three.png", "two.png"]


def test_an_answer_that_is_lost_is_not_called_unsent(upload, pictures):
    """The case is stored and its answer never comes: the page must not say that nothing was stored."""
    page = upload.page
    with line_to(upload.site.url) as line:
        page.goto(f"{line.url}/cases/new/")
        page.select_option("#body_part", "HAND")
        choose(page, *pictures[:2])
        line.loses_answers = True
        press_send(page)
        summary(page, "0 sent, 0 refused, 1 not sent, 1 without an answer")
        expect(row(page, "one.png")).to_contain_text("It may be stored")
        # More than once, perhaps: Chromium tries again by itself on a connection that was kept alive.
        assert set(wait_until(stored, 10, "the case")) == {"one.png"}
        line.loses_answers = False
        press_send(page)
        summary(page, "2 sent, 0 refused")
        expect(page.locator("#summary-list")).to_contain_text("the same file was sent before")


def test_stop_leaves_what_is_not_sent(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    press_send(page)
    held.wait()
    page.get_by_role("button", name="Stop").click()
    summary(page, "0 sent, 0 refused, 3 not sent")
    expect(row(page, "three.png")).to_contain_text("you stopped it")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("3 ready to send")
    assert stored() == []


def xray(path: Path, **tags: object) -> Path:
    path.write_bytes(dicom(pixels(bits=12, seed=len(path.stem)), **tags))
    return path


def test_two_studies_are_asked_about_without_choosing_again_and_two_patients_refused(
    upload, tmp_path
):
    page = upload.page
    first = xray(tmp_path / "first.dcm", StudyInstanceUID="1.2.3", PatientAge="044Y")
    second = xray(tmp_path / "second.dcm", StudyInstanceUID="1.2.4", PatientAge="045Y")
    choose(page, first, second)
    page.get_by_label("All files are one case").check()
    page.get_by_text("More about the case").click()
    page.get_by_label("Accession number").fill("OF-THESE-FILES")
    press_send(page)
    question = page.locator("#files .question")
    expect(question).to_contain_text("The files differ in: Study Instance UID, Patient's Age.")
    summary(page, "0 sent, 0 refused, 2 not sent")
    assert not Case.objects.exists()
    page.get_by_label("Accession number").fill("OF-THE-NEXT-PATIENT")
    question.get_by_role("button", name="They belong to one case").click()
    summary(page, "2 sent, 0 refused")
    expect(question).to_have_count(0)
    assert Case.objects.get().images.count() == 2
    assert Case.objects.get().accession_number == "OF-THESE-FILES"
    expect(page.get_by_label("Accession number")).to_have_value("OF-THE-NEXT-PATIENT")
    page.get_by_label("Accession number").fill("")

    # A question ends with the files that it is about.
    choose(page, first, second)
    press_send(page)
    expect(question).to_be_visible(timeout=20_000)
    row(page, "second.dcm").first.get_by_role("button", name="Remove").click()
    expect(question).to_have_count(0)
    choose(page, xray(tmp_path / "stranger.dcm", StudyInstanceUID="1.2.3", PatientID="B"))
    press_send(page)
    summary(page, "0 sent, 2 refused")
    expect(row(page, "stranger.dcm")).to_contain_text("differs from first.dcm in: Patient ID.")
    assert Case.objects.count() == 1


def own(page: Page, label: str, name: str) -> Locator:
    return page.get_by_label(f"{label}: {name}", exact=True)


def test_files_of_one_case_may_differ_in_side_and_view(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures[:3])
    expect(own(page, "Side", "one.png")).to_be_hidden()  # a case of one file has the fields for it
    page.get_by_label("All files are one case").check()
    own(page, "Side", "one.png").select_option("L")
    own(page, "Side", "two.png").select_option("R")
    own(page, "Projection", "two.png").select_option("LL")
    expect(own(page, "Projection", "two.png").locator("[value=SEVERAL]")).to_have_count(0)
    row(page, "three.png").get_by_role("button", name="Remove").click()
    press_send(page)
    held.wait()
    expect(own(page, "Side", "one.png")).to_be_disabled()  # what goes out is what was chosen
    held.release()
    summary(page, "2 sent, 0 refused")
    stored = Image.objects.order_by("position").values_list("file_name", "side", "projection")
    assert list(stored) == [("one.png", "L", ""), ("two.png", "R", "LL")]


def test_what_is_chosen_for_a_file_goes_out_with_one_case_only(upload, pictures):
    page = upload.page
    page.get_by_label("All files are one case").check()
    choose(page, *pictures[:2])
    own(page, "Side", "one.png").select_option("L")
    page.get_by_label("Each file is a case").check()
    press_send(page)
    summary(page, "2 sent, 0 refused")
    assert set(Image.objects.values_list("side", flat=True)) == {""}


@pytest.fixture
def other_tab(upload) -> Callable[[str], None]:
    """``other_tab(email)``: the session ends, and somebody signs in in another tab."""

    def sign_in_there(email: str) -> None:
        context = upload.page.context
        context.clear_cookies(name="sessionid")
        tab = context.new_page()
        sign_in(tab, upload.site.url, email)
        tab.close()

    return sign_in_there


def test_send_works_after_signing_in_again_in_another_tab(upload, pictures, other_tab):
    page = upload.page
    choose(page, pictures[0])
    page.context.clear_cookies(name="sessionid")
    press_send(page)
    summary(page, "0 sent, 0 refused, 1 not sent")
    expect(row(page, "one.png")).to_contain_text("Sign in again in another tab")
    other_tab(upload.site.people.clinician.email)
    press_send(page)
    summary(page, "1 sent, 0 refused")
    assert Case.objects.get().sender == upload.site.people.clinician


def test_nothing_is_sent_in_the_name_of_somebody_else(upload, pictures, other_tab):
    page = upload.page
    choose(page, pictures[0])
    other_tab(upload.site.people.clinician2.email)
    press_send(page)
    summary(page, "0 sent, 0 refused, 1 not sent")
    expect(row(page, "one.png")).to_contain_text("Somebody else is signed in")
    assert not Case.objects.exists()
