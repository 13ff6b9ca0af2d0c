"""Takes pictures of the pages of a running demonstration, to be looked at and for the README.

CALLUS_URL=http://127.0.0.1:8000 CHROMIUM=/usr/bin/chromium python tests/e2e/screens.py [--readme] [FOLDER]
"""

import argparse
import io
import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from demo.drawings import draw  # noqa: E402
from demo.logins import PASSWORD  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
README = {"desk-dark-worklist.png": "worklist.png", "desk-dark-case-map.png": "case.png"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "var" / "screens")
    parser.add_argument("--readme", action="store_true", help="also write those of docs/screens")
    arguments = parser.parse_args()
    base = os.environ.get("CALLUS_URL", "http://127.0.0.1:8000")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for size in SIZES:
            for scheme in ("dark", "light"):
                take(browser, base, size, scheme, arguments.folder)
        browser.close()
    if arguments.readme:
        target = REPOSITORY / "docs" / "screens"
        target.mkdir(parents=True, exist_ok=True)
        for source, name in README.items():
            (target / name).write_bytes((arguments.folder / source).read_bytes())
    return 0


def take(browser: Browser, base: str, size: str, scheme: str, folder: Path) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    choose_theme(context, base, scheme)
    page = context.new_page()
    prefix = f"{size}-{scheme}"

    def shot(name: str, *, whole: bool = False) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{prefix}-{name}.png", full_page=whole)

    page.goto(f"{base}/accounts/login/")
    shot("login")
    sign_in(page, base, "reviewer")
    expect(page.locator(".working")).to_have_count(0, timeout=120_000)
    shot("worklist")
    page.locator(".worklist .case a").first.click()
    shot("case", whole=size == "phone")
    page.click("#map-toggle")
    expect(page.locator("#map")).to_be_visible()
    page.evaluate("document.getElementById('map').decode().then(() => true)")
    shot("case-map")
    sign_in(page, base, "clinician")
    page.goto(f"{base}/cases/new/")
    shot("upload")
    page.set_input_files("#images", drawn_files())
    expect(page.locator(".case")).to_have_count(3)
    shot("upload-cases")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#body_part")).to_be_focused()
    shot("upload-missing")
    sign_in(page, base, "admin")
    page.goto(f"{base}/sites/demo/people/")
    shot("people", whole=True)
    page.goto(f"{base}/sites/demo/waits/")
    shot("waits", whole=True)
    context.close()


def drawn_files() -> list[FilePayload]:
    """Three pictures as a person would choose them."""
    files = []
    for seed, name in enumerate(("4711-2025 AP.png", "4711-2025 lateral.png", "IMG_2034.png")):
        buffer = io.BytesIO()
        draw(("spiral", "oblique", "hairline")[seed], seed).save(buffer, "PNG")
        files.append(FilePayload(name=name, mimeType="image/png", buffer=buffer.getvalue()))
    return files


def choose_theme(context: BrowserContext, base: str, scheme: str) -> None:
    context.add_cookies([{"name": "theme", "value": scheme, "url": base}])


def sign_in(page: Page, base: str, who: str) -> None:
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", f"{who}@demo.callus.test")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_url(f"{base}/")


if __name__ == "__main__":
    sys.exit(main())
