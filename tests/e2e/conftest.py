"""The whole site as it runs, and a browser before it."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import make_case, make_people, make_site, picture_bytes, usable_release
from tests.processes import INTAKE, WEB, WORKER, answers, free_port, processes, wait_until

LONGEST = 600  # seconds; the longest takes a minute and a half on a busy machine
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="package")
def web(django_db_setup, tmp_path_factory) -> Iterator[str]:
    """gunicorn and a worker that decodes, once for all files here: the address.

    They keep nothing between requests. While tests of other folders run, no worker takes their files.
    """
    from django.conf import settings

    port = free_port()
    environment = {"PORT": str(port), "WEB_WORKERS": "1", "VAR_DIR": str(settings.VAR_DIR)}
    with processes(tmp_path_factory.mktemp("web")) as start:
        start("intake", *INTAKE, **environment)
        start("web", *WEB, **environment)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/healthz/live"), 60, "the site's start")
        yield url


@pytest.fixture
def web_site(committed_db, web) -> SimpleNamespace:
    """Two sites and their people, for pages on which nothing is classified."""
    site, other = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    return SimpleNamespace(url=web, site=site, other=other, people=make_people(site, other))


@pytest.fixture
def live_site(committed_db, tmp_path, settings) -> Iterator[SimpleNamespace]:
    """gunicorn, all workers and beat, on the test's database and Redis."""
    usable_release()
    site, other = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    people = make_people(site, other)
    port = free_port()
    environment = {"PORT": str(port), "VAR_DIR": str(settings.VAR_DIR)}
    with processes(tmp_path) as start:
        start("web", *WEB, **environment)
        start("intake", *INTAKE, **environment)
        start("inference", *WORKER, "-Q", "inference", "-n", "inference@%h", **environment)
        start("default", *WORKER, "-Q", "default", "-n", "default@%h", **environment)
        beat = ("beat", "--schedule", str(tmp_path / "beat"))
        start("beat", *WORKER[:5], *beat, **environment)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/healthz/ready"), 60, "the site's start")
        yield SimpleNamespace(url=url, site=site, other=other, people=people)


def _complaint(message: object) -> list[str]:
    """Errors of our own: scripts, and what the Content-Security-Policy refused. A refused upload isn't."""
    wanted = message.type == "error" and not message.text.startswith("Failed to load resource")
    return [message.text] if wanted else []


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    """Headless Chromium, once for all files here: its start takes seconds."""
    executable = os.environ.get("CHROMIUM")
    if not executable:
        pytest.skip("No Chromium: set CHROMIUM=/path to run the browser tests.")
    playwright = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as driver:
        # Django's ORM refuses to run where playwright's event loop does; a test asks one thing at a time.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = driver.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A page of a person of its own; anything that the console complains of fails the test."""
    complaints: list[str] = []
    # Some calls to a browser wait for ever: then this process ends, its test fails, and others go on.
    signal.alarm(LONGEST)
    # A context of its own, without cookies of the test before, in which a test may open more tabs.
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.on("console", lambda message: complaints.extend(_complaint(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    for context in browser.contexts:
        context.close()
    signal.alarm(0)
    assert complaints == []


@pytest.fixture
def drafting(web_site, page) -> Callable[..., Any]:
    """``drafting(width)``: a case's page, open before the reviewer."""
    from tests.e2e.draft_page import DraftPage  # not without playwright

    def open_it(width: int = 1440) -> Any:
        case = make_case(web_site.site, web_site.people.clinician)
        return DraftPage(page, web_site, case).sign_in().open(width)

    return open_it


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    """Four files to be chosen on the upload page."""
    paths = [tmp_path / f"{name}.png" for name in ("one", "two", "three", "four")]
    for seed, path in enumerate(paths):
        path.write_bytes(picture_bytes(seed))
    return paths


@pytest.fixture
def upload(web_site, page) -> SimpleNamespace:
    """The upload page, with a body part chosen for all cases."""
    from tests.e2e.test_first_light import sign_in  # not without playwright
    from tests.e2e.upload_page import Held

    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/cases/new/")
    page.select_option("#body_part", "HAND")
    return SimpleNamespace(page=page, site=web_site, held=lambda: Held(page))
