"""One card a case: what is said for all and for one, what is missing, and what became of it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.upload_page import (
    card,
    choose,
    open_card,
    posts,
    press_send,
    some,
    stored,
    summary,
)
from tests.factories import picture_bytes
from triage.models import Case, Image, InterimOpinion
from triage.vocabulary import Priority

pytestmark = [pytest.mark.e2e]


def test_a_missing_body_part_is_asked_for_once_and_before_anything_is_sent(upload, tmp_path):
    page, sent = upload.page, posts(upload.page)
    page.select_option("#body_part", "")
    choose(page, *some(tmp_path, 30))
    expect(page.locator("#count")).to_have_text("something is missing in 30")
    press_send(page)
    expect(page.locator("#count")).to_have_text("Body part is missing (30 cases)")
    expect(page.locator("#body_part")).to_be_focused()
    assert sent == []
    # Of one case alone it is asked on its card.
    page.select_option("#body_part", "HAND")
    for name in ("A-10001", "A-10002"):
        open_card(page, name).get_by_label("Body part").select_option("-")
    open_card(page, "A-10002").get_by_label("Body part").select_option("FOOT")
    press_send(page)
    expect(page.locator("#count")).to_have_text("Body part is missing")
    expect(card(page, "A-10001").get_by_label("Body part")).to_be_focused()
    assert sent == []


@pytest.mark.parametrize("many", [25, pytest.param(100, marks=pytest.mark.whole)])
def test_many_files_are_as_many_cases_with_their_numbers(upload, tmp_path, many):
    page = upload.page
    choose(page, *some(tmp_path, many))
    page.get_by_role("button", name="Accession numbers from file names").click()
    press_send(page)
    expect(page.locator("#summary-title")).to_have_text(f"{many} sent, 0 refused", timeout=60_000)
    expect(page.locator(".case")).to_have_count(0)
    expect(page.locator("#summary-cases summary")).to_have_text(f"Sent cases ({many})")
    numbers = {f"A-{10000 + index}" for index in range(many)}
    assert set(Case.objects.values_list("accession_number", flat=True)) == numbers
    assert Image.objects.count() == many


def test_defaults_are_for_all_and_a_card_may_differ(upload, pictures):
    page = upload.page
    choose(page, *pictures[:2])
    page.select_option("#priority", "urgent")
    page.locator("#upload summary").get_by_text("More", exact=True).click()
    page.select_option("#age_band", "18-64")
    second = open_card(page, "two.png")
    expect(second.locator("[data-name=age_band] option").first).to_have_text(
        "As for all: 18 to 64 years"
    )
    second.get_by_label("Body part").select_option("FOOT")
    second.get_by_label("Priority").select_option("stat")
    second.get_by_label("Age").select_option("-")
    second.get_by_label("Sex").select_option("F")
    second.get_by_label("Patient reference").fill("P-2")
    second.get_by_label("Clinical question").fill("Fifth metatarsal?")
    press_send(page)
    summary(page, "2 sent, 0 refused")
    fields = ("body_part", "priority", "age_band", "sex", "patient_reference", "clinical_question")
    found = dict(Case.objects.values_list("images__file_name", "pk"))
    by_name = {name: Case.objects.values_list(*fields).get(pk=pk) for name, pk in found.items()}
    assert by_name == {
        "one.png": ("HAND", Priority.URGENT, "18-64", "", "", ""),
        "two.png": ("FOOT", Priority.STAT, "", "F", "P-2", "Fifth metatarsal?"),
    }


def test_reasons_are_said_once_with_their_files_and_can_be_kept(upload, tmp_path, pictures):
    page = upload.page
    notes = [tmp_path / name for name in ("a.png", "=b.png")]
    for note in notes:
        note.write_text("This is no picture.")
    choose(page, *notes, pictures[0])
    press_send(page)
    summary(page, "1 sent, 2 refused")
    expect(page.locator("#summary-reasons .errors")).to_have_count(1)
    expect(page.locator("#summary-reasons")).to_contain_text("a.png, =b.png")
    with page.expect_download() as download:
        page.get_by_role("button", name="List of what was not taken").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[0] == '"file","case","state","reason"'
    assert [line.split(",")[0] for line in lines[1:]] == ['"a.png"', '"\'=b.png"']
    assert "Refused" in lines[1]


def test_leaving_with_something_unsent_warns(upload, pictures):
    page = upload.page
    choose(page, pictures[0])
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.locator("h1").click()  # a browser warns only on a page that somebody has used
    page.reload()
    assert warned == ["beforeunload"]
    choose(page, pictures[0])
    page.select_option("#body_part", "HAND")
    press_send(page)
    summary(page, "1 sent, 0 refused")
    page.reload()
    assert warned == ["beforeunload"]
    assert stored() == ["one.png"]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_card_is_wider_than_the_screen(upload, tmp_path, width):
    page = upload.page
    page.set_viewport_size({"width": width, "height": 844})
    long = tmp_path / f"{'long-name-' * 15}.png"
    long.write_bytes(picture_bytes(1))
    choose(page, long, *some(tmp_path, 2))
    open_card(page, "A-10000")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_the_sender_thinks_goes_with_its_own_case(upload, pictures):
    page = upload.page
    choose(page, *pictures[:2])
    first = open_card(page, pictures[0].name)
    first.get_by_text("What you think and did").click()
    first.get_by_label("What do you see?").select_option("none")
    first.get_by_label("Treated as").select_option("soft_tissue")
    first.get_by_label("What was done, in words").fill("Bandage, sent home.")
    press_send(page)
    summary(page, "2 sent, 0 refused")
    interim = InterimOpinion.objects.get()
    assert interim.case.images.get().file_name == pictures[0].name
    assert (interim.treated_as, interim.note) == ("soft_tissue", "Bandage, sent home.")
