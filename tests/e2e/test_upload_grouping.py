"""Which files belong to one case: by their study, or as the person says."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.upload_page import (
    button,
    card,
    choose,
    open_card,
    posts,
    press_send,
    some,
    summary,
)
from tests.factories import taken_cases
from tests.pictures import dicom, pixels
from triage.models import Case, Image

pytestmark = [pytest.mark.e2e]


def own(page: Page, label: str, name: str) -> Locator:
    return page.get_by_label(f"{label}: {name}", exact=True)


def one_case_of(page: Page, *chosen: str) -> None:
    for name in chosen:
        card(page, name).locator(".pick").check()
    page.get_by_role("button", name="Make one case").click()


def test_files_of_one_case_may_differ_in_side_and_view(upload, pictures):
    page, held = upload.page, upload.held()
    choose(page, *pictures)
    one_case_of(page, "one.png", "two.png", "four.png")
    own(page, "Side", "one.png").select_option("L")
    own(page, "Side", "two.png").select_option("R")
    own(page, "Projection", "two.png").select_option("LL")
    expect(own(page, "Projection", "two.png").locator("[value=SEVERAL]")).to_have_count(0)
    button(card(page, "four.png").locator(".picture").nth(2), "Remove").click()
    own(page, "Side", "three.png").select_option("L")  # a case of one picture has its side
    press_send(page)
    held.wait(2)
    expect(own(page, "Side", "one.png")).to_be_disabled()  # what goes out is what was chosen
    held.release()
    summary(page, "2 sent, 0 refused")
    found = Image.objects.order_by("file_name").values_list("file_name", "side", "projection")
    assert list(found) == [("one.png", "L", ""), ("three.png", "L", ""), ("two.png", "R", "LL")]
    assert Case.objects.get(images__file_name="three.png").side == "L"


def test_cases_are_grouped_and_separated_by_keyboard_and_by_dragging(upload, pictures):
    page = upload.page
    choose(page, *pictures)
    card(page, "one.png").locator(".pick").focus()
    page.keyboard.press("Space")
    card(page, "two.png").locator(".pick").focus()
    page.keyboard.press("Space")
    page.locator("#group").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".case")).to_have_count(3)
    expect(card(page, "one.png").locator(".pick")).to_be_focused()
    expect(card(page, "one.png").locator(".title")).to_have_text("2 pictures: one.png …")
    card(page, "three.png").locator(".grip").drag_to(card(page, "one.png").locator(".title"))
    expect(page.locator(".case")).to_have_count(2)
    assert card(page, "one.png").locator(".name").all_inner_texts() == [
        "one.png",
        "two.png",
        "three.png",
    ]
    row = page.locator(".picture").filter(has_text="two.png")
    button(row, "Own case").click()
    expect(page.locator(".case")).to_have_count(3)
    button(card(page, "one.png"), "Separate").click()
    expect(page.locator(".case")).to_have_count(4)


def test_too_many_pictures_of_one_case_are_said_once_before_anything_is_sent(upload, tmp_path):
    page, sent = upload.page, posts(upload.page)
    choose(page, *some(tmp_path, 25))
    page.locator("#pick-all").check()
    page.get_by_role("button", name="Make one case").click()
    press_send(page)
    expect(page.locator("#count")).to_contain_text("A case takes at most 20 pictures.")
    assert sent == []


def xray(path: Path, **tags: object) -> Path:
    path.write_bytes(dicom(pixels(bits=12, seed=len(path.stem)), **tags))
    return path


def test_files_of_a_study_are_one_case_and_their_header_is_shown_not_asked_for(upload, tmp_path):
    page = upload.page
    page.select_option("#body_part", "")
    tags = {"StudyInstanceUID": "1.2.3", "AccessionNumber": "A-1", "BodyPartExamined": "WRIST"}
    pa = xray(tmp_path / "IM1", **tags, ViewPosition="PA", ImageLaterality="R")
    lateral = xray(tmp_path / "IM22", **tags, ViewPosition="LL", SOPInstanceUID="1.2.9")
    other = xray(tmp_path / "IM333", StudyInstanceUID="1.2.4", BodyPartExamined="HAND")
    stranger = xray(tmp_path / "IM4444", **tags, PatientID="OTHER")
    choose(page, pa, lateral, other, stranger)
    expect(page.locator(".case")).to_have_count(3)
    first = card(page, "IM22")
    expect(first.locator(".title")).to_have_text("A-1")
    expect(own(page, "Side", "IM1").locator("option").first).to_have_text("Side: Right")
    expect(own(page, "Projection", "IM22").locator("option").first).to_have_text(
        "Projection: Lateral"
    )
    press_send(page)
    summary(page, "3 sent, 0 refused")
    case = Case.objects.get(images__file_name="IM22")
    assert (case.images.count(), case.accession_number, case.body_part) == (2, "A-1", "WRIST")


def test_two_studies_are_asked_about_without_choosing_again_and_two_patients_before(
    upload, tmp_path
):
    page, sent = upload.page, posts(upload.page)
    first = xray(tmp_path / "first.dcm", StudyInstanceUID="1.2.3", PatientAge="044Y")
    second = xray(tmp_path / "second.dcm", StudyInstanceUID="1.2.4", PatientAge="045Y")
    choose(page, first, second)
    one_case_of(page, "first.dcm", "second.dcm")
    open_card(page, "first.dcm").get_by_label("Accession number").fill("OF-THESE-FILES")
    press_send(page)
    question = page.locator(".question")
    expect(question).to_contain_text("The files differ in: Study Instance UID, Patient's Age.")
    summary(page, "0 sent, 0 refused, 1 not sent")
    assert not taken_cases().exists()
    question.get_by_role("button", name="They belong to one case").click()
    summary(page, "1 sent, 0 refused")
    assert taken_cases().get().images.count() == 2
    assert taken_cases().get().accession_number == "OF-THESE-FILES"

    # A question ends with the files that it is about.
    page.select_option("#body_part", "HAND")
    choose(page, first, second)
    one_case_of(page, "first.dcm", "second.dcm")
    press_send(page)
    expect(question).to_be_visible(timeout=20_000)
    button(page.locator(".picture").filter(has_text="second.dcm"), "Remove").click()
    expect(question).to_be_hidden()
    choose(page, xray(tmp_path / "stranger.dcm", StudyInstanceUID="1.2.3", PatientID="B"))
    sent.clear()
    one_case_of(page, "first.dcm", "stranger.dcm")
    press_send(page)
    expect(page.locator("#count")).to_contain_text("The files are of different patients.")
    assert sent == []
