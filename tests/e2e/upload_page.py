"""What tests of the upload page share: the page itself, its cards, and requests that a test holds back."""

from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.factories import picture_bytes
from triage.models import Image

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


def choose(page: Page, *paths: Path) -> None:
    """Files in the dialog; waits until their headers are read."""
    before = page.locator(".picture").count()
    page.set_input_files("#images", list(paths))
    expect(page.locator(".picture")).to_have_count(before + len(paths))


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def card(page: Page, name: str) -> Locator:
    """The case that has a picture of this name."""
    return page.locator(".case").filter(has_text=name)


def button(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def names(page: Page) -> list[str]:
    return page.locator(".picture .name").all_inner_texts()


def open_card(page: Page, name: str) -> Locator:
    """Its fields are shown."""
    found = card(page, name)
    if button(found, "Details").get_attribute("aria-expanded") == "false":
        button(found, "Details").click()
    return found


def summary(page: Page, text: str) -> None:
    expect(page.locator("#summary-title")).to_have_text(text, timeout=30_000)


def stored() -> list[str]:
    return sorted(Image.objects.values_list("file_name", flat=True))


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


def some(folder: Path, number: int) -> list[Path]:
    paths = [folder / f"A-{10000 + index}.png" for index in range(number)]
    for seed, path in enumerate(paths):
        path.write_bytes(picture_bytes(seed))
    return paths


def posts(page: Page) -> list[str]:
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    return sent
