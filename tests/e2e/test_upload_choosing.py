"""Every way in which a file comes onto the upload page ends in the list, or is named with the reason."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_first_light import sign_in
from tests.e2e.upload_page import choose, drop, names, press_send, stored, summary
from tests.factories import picture_bytes
from tests.pictures import dicom, pixels
from triage.models import Case

pytestmark = [pytest.mark.e2e]


def test_files_chosen_before_the_script_has_loaded_are_listed_and_sent(web_site, page, pictures):
    late: list[Route] = []
    page.route("**/js/upload/page.js", lambda route: late.append(route))
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/new/", wait_until="commit")
    page.set_input_files("#images", pictures[:2])
    page.select_option("#body_part", "HAND")
    assert page.locator(".case").count() == 0
    late[0].continue_()
    expect(page.locator(".case .name")).to_have_text(["one.png", "two.png"])
    press_send(page)
    summary(page, "2 sent, 0 refused")
    assert stored() == ["one.png", "two.png"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A patient's CD: a catalogue, a viewer, and pictures with and without an ending, some folders deep."""
    root = tmp_path / "CD"
    deep = root / "DICOM" / "ST000001"
    deep.mkdir(parents=True)
    for seed, name in enumerate(("IM000001", "IM000002")):
        instance = f"1.2.3.{seed}"
        data = dicom(pixels(bits=12, seed=seed), StudyInstanceUID="1.2.3", SOPInstanceUID=instance)
        (deep / name).write_bytes(data)
    (root / "photo10.png").write_bytes(picture_bytes(3))
    (root / "photo9.png").write_bytes(picture_bytes(4))
    for name in ("DICOMDIR", "Thumbs.db", ".DS_Store", "VIEWER.EXE", "readme.txt"):
        (root / name).write_bytes(b"no picture")
    return root


def listed(page: Page) -> None:
    expect(page.locator(".picture")).to_have_count(4)
    assert sorted(names(page)) == ["IM000001", "IM000002", "photo10.png", "photo9.png"]
    expect(page.locator("#skipped")).to_contain_text("Skipped, because they are no pictures")
    for name in ("DICOMDIR", "Thumbs.db", ".DS_Store"):
        expect(page.locator("#skipped")).to_contain_text(name)
    expect(page.locator(".case")).to_have_count(3)  # one study is one case


def test_a_folder_that_is_chosen_is_walked(upload, folder):
    page = upload.page
    page.set_input_files("#folder", folder)
    listed(page)
    press_send(page)
    summary(page, "3 sent, 0 refused")
    assert stored() == ["IM000001", "IM000002", "photo10.png", "photo9.png"]
    assert Case.objects.count() == 3


def test_a_folder_that_is_dropped_is_walked(upload, folder):
    """As the system drops it: through the browser's own protocol."""
    page = upload.page
    box = page.locator("#drop").bounding_box()
    place = {"x": box["x"] + 20, "y": box["y"] + 20}
    protocol = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        protocol.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    listed(page)
    assert names(page).index("photo9.png") < names(page).index("photo10.png")


def test_a_folder_without_a_picture_is_said(upload, tmp_path):
    page = upload.page
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "desktop.ini").write_text("x")
    page.set_input_files("#folder", tmp_path / "empty")
    expect(page.locator("#skipped")).to_contain_text("There is no picture in it.")
    expect(page.locator("#skipped")).to_contain_text("desktop.ini")
    expect(page.locator(".case")).to_have_count(0)


def test_the_dialog_takes_files_without_an_ending(upload):
    assert upload.page.locator("#images").get_attribute("accept") is None


def test_a_picture_of_the_camera_and_a_pasted_one_are_listed(upload, pictures):
    page = upload.page
    camera = page.locator("#camera")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == (
        "environment",
        "image/*",
    )
    page.set_input_files("#camera", pictures[0])
    page.evaluate(
        """bytes => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        list(pictures[1].read_bytes()),
    )
    expect(page.locator(".case .name")).to_have_text(["one.png", "image.png"])


def test_what_can_not_be_read_is_empty_or_too_large_is_said_before_it_is_sent(upload, tmp_path):
    page = upload.page
    empty, large, gone = (tmp_path / f"{name}.png" for name in ("empty", "large", "gone"))
    empty.write_bytes(b"")
    with large.open("wb") as file:
        file.truncate(41 * 1024 * 1024)
    gone.write_bytes(b"x")
    choose(page, empty, large)
    expect(page.locator(".fault")).to_have_text(["an empty file", "larger than 40 MB"])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    press_send(page)
    expect(page.locator("#count")).to_have_text("an empty file. larger than 40 MB")
    assert "POST" not in sent


def test_a_drop_of_files_works_where_the_browser_knows_no_folders(upload, pictures):
    """A script's own file has no entry: it is taken as it is."""
    drop(upload.page, pictures[0])
    expect(upload.page.locator(".case .name")).to_have_text(["one.png"])


def test_a_file_that_is_chosen_twice_is_one_case_and_said(upload, pictures, tmp_path):
    page = upload.page
    choose(page, pictures[0])
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "one.png"  # of the same name and another picture
    other.write_bytes(picture_bytes(9))
    page.set_input_files("#images", [pictures[0], other])
    expect(page.locator("#skipped")).to_have_text("Already in the list: one.png")
    expect(page.locator(".case")).to_have_count(2)


def test_without_scripts_the_form_sends_and_shows_nothing_that_needs_them(
    web_site, browser, pictures
):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/new/")
    for hidden in ("#folder", "#camera", "#list", "#summary", "#stop"):
        expect(page.locator(hidden)).to_be_hidden()
    page.set_input_files("#images", pictures[:2])
    page.select_option("#body_part", "HAND")
    page.get_by_label("All files are one case").check()
    press_send(page)
    expect(page.get_by_role("heading", name="1 case sent")).to_be_visible(timeout=20_000)
    assert Case.objects.get().images.count() == 2
    page.context.close()
