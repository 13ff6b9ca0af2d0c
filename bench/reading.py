"""What a reader waits for who reads case after case, in Chromium.

``python -m localservices services --database callus_bench -- python -m bench.reading``

``first_picture_ms``: from the click on a row of the list to the painted picture. ``next_ms``: from Sign and
next to the painted picture of the next case, by keys. ``next_alone_ms``: the same in the same run, in turns,
by a reader whose browser may not fetch pictures ahead. ``bare_ms``: a page that holds one picture which the
browser has, to the same paint: what browser and line cost without Callus. Bytes: of the HTML and of the
scripts of the case's page.
Fills the database that it is given, and refuses one that holds a case. CHROMIUM names the browser.
"""

import argparse
import gzip
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop; one thing is asked at a time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE = (1600, 2000)  # of a display: a wrist on a flat panel
LIMIT = 100.0  # ms from Sign and next to the picture
# Times are the browser's own: from the key to the frame after the one that paints the decoded picture.
WATCH = """
    const now = () => performance.timeOrigin + performance.now();
    addEventListener("submit", () => sessionStorage.setItem("pressed", now()), true);
    addEventListener("click", () => sessionStorage.setItem("pressed", now()), true);
    addEventListener("DOMContentLoaded", () => {
      const image = document.querySelector("#image, img.bare");
      image?.decode().then(() => requestAnimationFrame(() => requestAnimationFrame(() => {
        document.documentElement.dataset.painted = now() - Number(sessionStorage.getItem("pressed"));
      })));
    });
"""


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.processes import WEB, answers, free_port, processes, wait_until

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=30)
    turns = parser.parse_args().turns
    people = _fill(2 * turns + 8)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, processes(Path(folder)) as start:
        start("web", *WEB, PORT=str(port), WEB_WORKERS="1", VAR_DIR=str(settings.VAR_DIR))
        site = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{site}/healthz/live"), 60, "the site's start")
        with sync_playwright() as driver:
            chromium = driver.chromium.launch(
                executable_path=os.environ.get("CHROMIUM"), args=FLAGS
            )
            found = _measured(chromium, site, people, turns)
            chromium.close()
    print(json.dumps({**found, "turns": turns, "share_of_the_limit": _share(found)}))


def _share(found: dict[str, Any]) -> float:
    return round(found["next_ms"]["median"] / LIMIT, 2)


def _fill(number: int) -> Sequence[str]:
    """Cases that wait, each with a picture of its own. Returns the addresses of two readers."""
    call_command("migrate", database="owner", verbosity=0)
    from tests.factories import make_case, make_people, make_site
    from triage.models import Case, Image

    if Case.objects.exists():
        raise SystemExit("This database holds cases already.")
    site, other = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    people = make_people(site, other)
    for at in range(number):
        case = make_case(site, people.clinician, due_at=timezone.now() + timedelta(minutes=at + 1))
        image = case.images.get()
        picture = _jpeg(at)
        name = default_storage.save(f"bench/{image.pk}", ContentFile(picture))
        width, height = SIZE
        Image.objects.filter(pk=image.pk).update(display=name, width=width, height=height)
    return people.reviewer.email, people.clinician2.email


def _jpeg(seed: int) -> bytes:
    import io

    import numpy as np
    from PIL import Image as Picture

    noise = np.random.default_rng(seed).normal(0, 6, SIZE[::-1])
    shade = np.linspace(20, 220, SIZE[0])[None, :]
    grey = np.clip(shade + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Picture.fromarray(grey).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _measured(chromium: Any, site: str, emails: Sequence[str], turns: int) -> dict[str, Any]:
    ahead, alone = (_reader(chromium, site, email) for email in emails)
    alone.route("**/next/pictures/*", lambda route: route.abort())
    times: dict[str, list[float]] = {"first": [], "next": [], "alone": [], "bare": []}
    for page in (ahead, alone):
        page.locator("tbody a").first.click()
        times["first"].append(_painted(page))
        page.evaluate("delete document.documentElement.dataset.painted")
        page.keyboard.press("n")
        _painted(page)
    for _turn in range(turns):
        for name, page in (("next", ahead), ("alone", alone)):
            page.wait_for_load_state("networkidle")
            page.keyboard.press("3")
            page.evaluate("delete document.documentElement.dataset.painted")
            page.keyboard.press("s")
            times[name].append(_painted(page))
    times["bare"] = [_bare(ahead, site) for _turn in range(turns)]
    return {
        "first_picture_ms": _summary(times["first"]),
        "next_ms": _summary(times["next"]),
        "next_alone_ms": _summary(times["alone"]),
        "bare_ms": _summary(times["bare"]),
        **_bytes(ahead, site),
    }


def _reader(chromium: Any, site: str, email: str) -> Any:
    from tests.factories import PASSWORD

    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH)
    page.goto(f"{site}/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("tbody a")
    return page


def _painted(page: Any) -> float:
    place = page.locator("html[data-painted]")
    place.wait_for(timeout=20000)
    return float(place.get_attribute("data-painted"))


def _bare(page: Any, site: str) -> float:
    """A picture that the browser has, on a page that holds nothing else."""
    address = page.locator("#image").get_attribute("src") if page.locator("#image").count() else ""
    address = address or page.evaluate("window.bareAddress")
    html = f'<!doctype html><img class="bare" src="{address}">'
    page.route("**/bare/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.evaluate("sessionStorage.setItem('pressed', performance.timeOrigin + performance.now())")
    here = page.url
    page.goto(f"{site}/bare/")
    spent = _painted(page)
    page.goto(here)
    return spent


def _bytes(page: Any, site: str) -> dict[str, int]:
    """Of the page that is open: as they are, and as they travel."""
    html = page.request.get(page.url).body()
    scripts = page.evaluate("performance.getEntriesByType('resource').map(found => found.name)")
    scripts = [address for address in scripts if address.endswith(".js")]
    bodies = [page.request.get(address).body() for address in scripts]
    return {
        "html_bytes": len(html),
        "html_bytes_compressed": len(gzip.compress(html, 6)),
        "script_bytes": sum(map(len, bodies)),
        "script_bytes_compressed": sum(len(gzip.compress(body, 9)) for body in bodies),
        "scripts": len(bodies),
    }


def _summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "p90": round(ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))], 1),
        "n": len(ordered),
    }


if __name__ == "__main__":
    main()
