"""When a page takes what acts."""

from playwright.sync_api import Page, expect


def is_ready(page: Page) -> None:
    """A case's page has been there long enough to take a press that acts; before, that does nothing."""
    expect(page.locator(".loop .next")).not_to_have_attribute("data-too-soon", "")
