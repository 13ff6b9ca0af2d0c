"""Takes a picture of every page of a running demonstration, wide and narrow, dark and light.

CALLUS_URL=http://127.0.0.1:8000 CHROMIUM=/usr/bin/chromium python tests/e2e/screens.py [--keep]

Whole pictures go to var/screens, to be looked at. `--keep` also writes docs/screens: the README's two, and
a small sheet of the four views of each page.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image as Picture
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from demo.logins import PASSWORD  # noqa: E402
from tests.e2e.screens_list import DRAWN, LAST, SCREENS, Screen  # noqa: E402
from tests.e2e.screens_world import BLIND, CASES, World  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SCHEMES = ("dark", "light")
README = {"worklist": "worklist.png", "case-map": "case.png"}  # wide and dark
SHEET = 1000  # pixels: the height of a sheet
# What sticks to the window lies in its place where the whole page is pictured; a phone has no keys.
LYING = """
.bar, .look, .sign-bar, .bulk, .send-bar, .worklist thead th { position: static !important; }
@media (max-width: 700px) {
  .loop .next, #review-form .answers, #review-form .sign-bar { position: static !important; }
  #review-form .answers { grid-template-columns: 1fr 1fr !important; padding: 0 !important; }
  #review-form .sign-bar { padding-inline: 0 !important; }
  .loop .next { padding: 0 !important; border: 0 !important; background: none !important; }
  kbd { display: none !important; }
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "var" / "screens")
    parser.add_argument("--keep", action="store_true", help="also write those of docs/screens")
    parser.add_argument("--only", nargs="*", help="names of pictures, or how they begin")
    arguments = parser.parse_args()
    base = os.environ.get("CALLUS_URL", "http://127.0.0.1:8000")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        world = made(browser, base)
        for screen in (*SCREENS, *LAST):
            if not arguments.only or screen.name.startswith(tuple(arguments.only)):
                take(browser, world, screen, arguments.folder)
        browser.close()
    if arguments.keep:
        keep(arguments.folder, REPOSITORY / "docs" / "screens")
    return 0


def made(browser: Browser, base: str) -> World:
    """The demonstration with a case in each state."""
    staff = browser.new_page()  # nobody gives roles to themselves
    sign_in(staff, base, "staff")
    staff.goto(f"{base}/sites/demo/people/")
    admins = staff.locator("tr", has_text="admin@demo.callus.test")
    admins.locator("[value=reviewer]").check()
    admins.get_by_role("button", name="Save roles").click()
    staff.context.close()
    world = World(base)
    world.send(CASES)
    world.send_what_fails()
    world.wait()
    world.read()
    admin = browser.new_page()
    sign_in(admin, base, "admin")
    admin.goto(f"{base}/sites/demo/reading/")
    admin.check("[name=blind][value=on]")
    admin.check("[name=third_if_first_differs]")
    admin.get_by_role("button", name="Save", exact=True).click()
    world.send(BLIND)
    world.wait()
    world.read_blind()
    admin.context.close()
    write_draft(browser, world)
    return world


def write_draft(browser: Browser, world: World) -> None:
    page = browser.new_page()
    sign_in(page, world.base, "reviewer")
    page.goto(world.base + world.case("drafted"))
    page.keyboard.press("1")
    page.keyboard.press("Shift+O")
    page.locator("#review-form [name=comment]").fill("Compare with the other side before")
    with page.expect_response(lambda answer: "/draft" in answer.url):
        page.locator("#review-form [name=comment]").blur()
    page.wait_for_load_state("networkidle")
    page.context.close()


def take(browser: Browser, world: World, screen: Screen, folder: Path) -> None:
    """Four pictures of one page; on a phone the window, and all of the page."""
    path = screen.path(world)
    if path is None:
        print(f"No case for {screen.name}.", file=sys.stderr)
        return
    for page, size, scheme in pages(browser, world.base, screen.who):
        page.goto(world.base + path)
        page.wait_for_load_state("networkidle")
        page.wait_for_function(DRAWN)
        if screen.name == "error-500":
            page.set_content(server_error(scheme))
        if screen.prepare:
            screen.prepare(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_function(DRAWN)
        page.evaluate("document.fonts.ready.then(() => true)")
        name = folder / f"{screen.name}.{size}.{scheme}"
        if screen.page in ("case", "worklist"):  # what is seen without scrolling
            page.screenshot(path=f"{name}.png")
        page.screenshot(path=f"{name}.whole.png", full_page=True, style=LYING)
        print(name.name, flush=True)


def pages(browser: Browser, base: str, who: str) -> Iterator[tuple[Page, str, str]]:
    """One page for each size and theme, signed in."""
    states = browser.__dict__.setdefault("signed_in", {})
    if who and who not in states:
        page = browser.new_page()
        sign_in(page, base, who)
        states[who] = page.context.storage_state()
        page.context.close()
    for size, (width, height) in SIZES.items():
        touched = {"has_touch": True, "is_mobile": True} if size == "phone" else {}
        for scheme in SCHEMES:
            context = browser.new_context(
                bypass_csp=True,  # for the style of a whole picture
                viewport={"width": width, "height": height},
                storage_state=states.get(who),
                **touched,
            )
            choose_theme(context, base, scheme)
            yield context.new_page(), size, scheme
            context.close()


def server_error(scheme: str) -> str:
    """The page of an error of ours, which nobody can bring about from outside."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from triage.web.errors import server_error as page_of

    request = RequestFactory().get("/")
    request.COOKIES["theme"] = scheme
    request.user = AnonymousUser()
    return page_of(request).content.decode()


def keep(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, kept in README.items():
        (target / kept).write_bytes((folder / f"{name}.desk.dark.png").read_bytes())
    for screen in (*SCREENS, *LAST):
        views = [
            Picture.open(folder / f"{screen.name}.{size}.{scheme}.whole.png").convert("RGB")
            for size in SIZES
            for scheme in SCHEMES
        ]
        sheet(views).save(target / f"{screen.name}.webp", quality=28, method=6)


def sheet(views: list[Picture.Image]) -> Picture.Image:
    """The pictures side by side, each at most ``SHEET`` high, from its top."""
    parts = []
    for view in views:
        scale = 0.55 if view.width > 1000 else 0.75
        small = view.resize(
            (round(view.width * scale), round(view.height * scale)), Picture.Resampling.LANCZOS
        )
        parts.append(small.crop((0, 0, small.width, min(small.height, SHEET))))
    joined = Picture.new(
        "RGB", (sum(part.width for part in parts), max(part.height for part in parts)), "#808080"
    )
    left = 0
    for part in parts:
        joined.paste(part, (left, 0))
        left += part.width
    return joined


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
