"""The browser asks before a page with an unsaved text is left: who stays goes on as before."""

import pytest
from playwright.sync_api import expect

from tests.e2e.ready import is_ready
from tests.factories import make_case

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def unsaved(drafting, web_site):
    """A page whose draft can't be saved, and another case to go to."""
    draft = drafting()
    make_case(web_site.site, web_site.people.clinician)
    draft.page.route("**/draft", lambda route: route.abort())
    draft.write("Clear.", is_saved=False)
    expect(draft.trouble).not_to_be_empty(timeout=10000)
    is_ready(draft.page)
    return draft


def test_who_stays_may_press_the_same_button_at_once(unsaved):
    page, asked = unsaved.page, []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    unsaved.press("Next")
    page.wait_for_timeout(500)
    expect(unsaved.comment).to_have_value("Clear.")
    unsaved.press("Next")
    page.wait_for_url(lambda url: str(unsaved.case.pk) not in url, timeout=5000)
    assert asked == ["beforeunload"] * 2


def test_who_leaves_sends_it_once(unsaved):
    page, asked, held = unsaved.page, [], []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/next/**", lambda route: held.append(route))
    box = page.locator(".loop .next button").bounding_box()
    for _ in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(500)
    assert len(held) == len(asked) == 1
    held[0].continue_()
    page.wait_for_url(lambda url: str(unsaved.case.pk) not in url, timeout=5000)
