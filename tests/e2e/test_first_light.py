"""A case goes in, a prediction comes out, the worklist orders it, a clinician signs: in a browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from demo.drawings import draw
from tests.e2e.ready import is_ready
from tests.factories import PASSWORD, taken_cases
from tests.processes import wait_until
from triage.models import Case, Job, Prediction, Reading, Review
from triage.states import CaseState, JobState
from triage.vocabulary import FractureCertainty

pytestmark = [pytest.mark.e2e]


def sign_in(page: Page, base: str, email: str) -> None:
    """With the session that signing in makes, without its form: nearly all tests begin so."""
    client, name = Client(), settings.SESSION_COOKIE_NAME
    client.force_login(User.objects.get(email=email))
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    page.goto(f"{base}/")


def lose_session(page: Page) -> None:
    """As when it has ended by itself: the browser keeps everything else, the token of its forms too."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def sign_in_by_form(page: Page, base: str, email: str) -> None:
    """As a person does, who gets another token for their forms too."""
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")


@pytest.fixture
def two_xrays(request, tmp_path) -> list[Path]:
    """Two real X-rays, or two drawn ones where the data is absent."""
    from tests.conftest import DATA

    real = sorted((DATA / "fracatlas" / "Fractured").glob("*.jpg"))
    usable = [path for path in real if path.read_bytes()[-2:] == b"\xff\xd9"]
    if len(usable) >= 2:
        return usable[:2]
    paths = [tmp_path / "spiral.png", tmp_path / "oblique.png"]
    for number, path in enumerate(paths):
        draw(path.stem, number).save(path)
    return paths


def test_from_upload_to_signature(live_site, page, two_xrays):
    base, people = live_site.url, live_site.people
    sign_in_by_form(page, base, people.clinician.email)
    page.get_by_role("link", name="Send X-rays").first.click()
    # With its scripts: files that are chosen before them are not in the list.
    page.wait_for_url(f"{base}/cases/new/")
    page.set_input_files("[type=file]", two_xrays)
    page.select_option("#body_part", "HAND")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#summary-title")).to_have_text("2 sent, 0 refused", timeout=30_000)

    page.goto(base)
    page.evaluate("window.neverReloaded = true")
    expect(page.locator(".worklist tbody tr[data-state=predicted]")).to_have_count(
        2, timeout=60_000
    )
    assert page.evaluate("window.neverReloaded")
    classes = page.locator(".worklist tbody td.class").all_inner_texts()
    assert all(text.strip() and text != "being read" for text in classes)

    page.context.clear_cookies(name="sessionid")
    sign_in_by_form(page, base, people.reviewer.email)
    page.locator(".worklist tbody .case a").first.click()
    expect(page.locator("#map-toggle")).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator("#map")).to_be_visible()
    assert page.evaluate("document.getElementById('map').decode().then(() => true)")
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("Claimed by me")).to_be_visible()
    page.wait_for_load_state()  # the new page's scripts listen to keys
    page.keyboard.press("1")
    page.get_by_role("checkbox", name="Spiral", exact=True).check()
    page.get_by_label("Comment").fill("Spiral, undisplaced.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Fracture, certain: spiral.")).to_be_visible()

    review = Review.objects.get()
    assert (review.reader, review.fracture, review.classes, review.comment) == (
        people.reviewer,
        FractureCertainty.CERTAIN,
        ["spiral"],
        "Spiral, undisplaced.",
    )
    assert review.case.state == CaseState.REVIEWED
    assert Case.objects.count() == Prediction.objects.count() == 2
    assert Job.objects.filter(state=JobState.DONE).count() == 2


def test_refused_files_are_named_and_the_good_one_is_sent(web_site, page, two_xrays, tmp_path):
    note = tmp_path / "note.jpg"
    note.write_text("This is no picture.")
    sign_in_by_form(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/new/")
    page.set_input_files("[type=file]", [two_xrays[0], note])
    page.select_option("#body_part", "HAND")
    with page.expect_response(lambda answer: answer.status == 400):
        page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#summary-title")).to_have_text("1 sent, 1 refused", timeout=30_000)
    expect(page.locator("#summary-reasons .errors")).to_contain_text("note.jpg")
    assert taken_cases().count() == 1


def test_what_was_typed_survives_a_conflict(web_site, page, two_xrays):
    from tests.factories import make_case
    from triage.review.claims import claim, give_back_claim

    case = make_case(web_site.site, web_site.people.clinician)
    sign_in_by_form(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    is_ready(page)  # the press below comes before the page itself says who reads the case
    page.get_by_label("Comment").fill("Typed before the conflict.")
    page.get_by_label("No fracture").check()
    # The first key claimed it. The claim runs out, and a colleague takes it.
    wait_until(Reading.objects.exists, 10, "the claim")
    Reading.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    claim(case=case, reader=web_site.people.clinician2)
    with page.expect_response(lambda answer: answer.status == 409):
        page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Carl Clinician is reading this case")
    assert not Review.objects.exists()
    give_back_claim(case=case, reader=web_site.people.clinician2)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.get_by_label("Comment")).to_have_value("Typed before the conflict.")


def test_the_running_web_process_has_loaded_no_inference_engine(live_site, page, two_xrays):
    sign_in_by_form(page, live_site.url, live_site.people.clinician.email)
    page.goto(f"{live_site.url}/cases/new/")
    page.set_input_files("[type=file]", two_xrays[0])
    page.select_option("#body_part", "HAND")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#summary-title")).to_have_text("1 sent, 0 refused", timeout=30_000)
    wait_until(lambda: Prediction.objects.exists(), 60, "the prediction")
    page.goto(f"{live_site.url}/cases/{Case.objects.get().pk}/")
    mapped = mapped_libraries("gunicorn", live_site.url.rsplit(":", 1)[1])
    assert mapped, "no gunicorn process was found"
    assert not [name for name in mapped if "torch" in name or "onnxruntime" in name]


def mapped_libraries(program: str, port: str) -> set[str]:
    """Shared libraries in the memory of this test's ``program`` processes."""
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            environment = (process / "environ").read_bytes().decode(errors="replace")
            if program in command and f"PORT={port}\0" in environment:
                lines = (process / "maps").read_text().splitlines()
                found |= {line.split()[-1] for line in lines if ".so" in line}
        except OSError:
            continue  # ended meanwhile, or not ours
    return found
