"""What a reader waits for who reads case after case, in Chromium.

``python -m localservices services --database callus_bench -- python -m bench.reading``

``first_picture_ms``: from the click on a row of the list to the painted picture. ``next_ms``: from Sign and
next to the painted picture of the next case, by keys. ``next_alone_ms``: the same in the same run, in turns,
by a reader without pictures ahead. ``bare_ms``: from one static page to another that holds
nothing but a picture which the browser has, to the same paint: what browser and line cost without Callus.
``next_web_cpu_ms``, ``next_requests``: what the web process used and answered from the press to the paint, on
average: they say on a busy machine what times don't. Bytes: of HTML and scripts of the case's page.
Static files are served as in production: hashed and compressed.
Fills the database that it is given, and refuses one that holds a case. CHROMIUM names the browser.
"""

import argparse
import gzip
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from bench.reading_site import as_in_production, cpu_ms, fill, requests  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LIMIT = 100.0  # ms from Sign and next to the picture
# Times are the browser's own (Element Timing): from the key to the frame that has the picture.
WATCH = """
    const pressed = () => sessionStorage.setItem("pressed", performance.timeOrigin + performance.now());
    addEventListener("submit", pressed, true);
    addEventListener("click", pressed, true);
    new MutationObserver(() => {
      const image = document.querySelector("#image, img.bare");
      image?.setAttribute("elementtiming", "picture");
    }).observe(document, { childList: true, subtree: true });
    new PerformanceObserver((found) => {
      for (const { renderTime } of found.getEntries()) {
        const spent = performance.timeOrigin + renderTime - Number(sessionStorage.getItem("pressed"));
        if (spent > 0) document.documentElement.dataset.painted = spent;
      }
    }).observe({ type: "element", buffered: true });
"""
SAVES_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"


def main() -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # playwright's loop; one thing is asked at a time
    )
    from playwright.sync_api import sync_playwright

    from tests.processes import REPOSITORY, WEB, answers, free_port, processes, wait_until

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=30, help="of each reader, by Sign and next")
    turns = parser.parse_args().turns
    people = fill(2 * turns + 8)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, processes(Path(folder)) as start:
        served = as_in_production(port, REPOSITORY)
        web = start("web", *WEB, **served)
        site = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{site}/healthz/live"), 60, "the site's start")
        with sync_playwright() as driver:
            chromium = driver.chromium.launch(
                executable_path=os.environ.get("CHROMIUM"), args=FLAGS
            )
            found = _measured(chromium, site, people, turns, web)
            chromium.close()
    print(json.dumps({**found, "turns": turns, "share_of_the_limit": _share(found)}))


def _share(found: dict[str, Any]) -> float:
    return round(found["next_ms"]["median"] / LIMIT, 2)


def _measured(
    chromium: Any, site: str, emails: Sequence[str], turns: int, web: Any
) -> dict[str, Any]:
    ahead = _reader(chromium, site, emails[0], WATCH)
    alone = _reader(chromium, site, emails[1], WATCH + SAVES_DATA)
    times: dict[str, list[float]] = {"first": [], "next": [], "alone": [], "bare": []}
    for page in (ahead, alone):
        page.locator("tbody a").first.click()
        times["first"].append(_painted(page))
        page.evaluate("delete document.documentElement.dataset.painted")
        _act(page, "n")
        _painted(page)
    used, asked = 0.0, 0
    for _turn in range(turns):
        for name, page in (("next", ahead), ("alone", alone)):
            page.keyboard.press("3")
            page.wait_for_load_state("networkidle")
            page.evaluate("delete document.documentElement.dataset.painted")
            used_before, asked_before = cpu_ms(web), requests(web)
            _act(page, "s")
            times[name].append(_painted(page))
            if name == "next":
                used += cpu_ms(web) - used_before
                asked += requests(web) - asked_before
    bytes_of_page = _bytes(ahead, site)
    times["bare"] = _bare(ahead, site, turns)
    return {
        "first_picture_ms": _summary(times["first"]),
        "next_ms": _summary(times["next"]),
        "next_alone_ms": _summary(times["alone"]),
        "bare_ms": _summary(times["bare"]),
        "next_web_cpu_ms": round(used / turns, 1),
        "next_requests": round(asked / turns, 1),
        **bytes_of_page,
    }


def _reader(chromium: Any, site: str, email: str, script: str) -> Any:
    from tests.factories import PASSWORD

    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(script)
    page.goto(f"{site}/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("tbody a")
    return page


def _act(page: Any, key: str) -> None:
    """Presses a key that acts, once the page takes it: what has just come does not."""
    page.locator(".loop .next:not([data-too-soon])").wait_for()
    page.keyboard.press(key)


def _painted(page: Any) -> float:
    place = page.locator("html[data-painted]")
    place.wait_for(timeout=20000)
    return float(place.get_attribute("data-painted"))


def _bare(page: Any, site: str, turns: int) -> list[float]:
    """From page to page by a link. Each holds nothing but a picture that the browser has."""
    for name in ("one", "two"):
        page.goto(f"{site}/static/bare/{name}.html")
        page.wait_for_load_state("networkidle")
    spent = []
    for _turn in range(turns):
        page.evaluate("delete document.documentElement.dataset.painted")
        page.locator("a").click()
        spent.append(_painted(page))
    return spent


def _bytes(page: Any, site: str) -> dict[str, int]:
    """Of the page that is open: as they are, and as they travel."""
    html = page.request.get(page.url).body()
    scripts = page.evaluate("performance.getEntriesByType('resource').map(found => found.name)")
    scripts = sorted({address for address in scripts if address.endswith(".js")})
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
