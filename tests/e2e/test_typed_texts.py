"""What a reader types: macros become texts, and a length is counted as the site counts it."""

import pytest
from playwright.sync_api import expect

from accounts.texts import as_read
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Macro, Review
from triage.models.review import LONGEST_COMMENT

pytestmark = [pytest.mark.e2e]
TEXT = "No fracture.\nAlignment is normal."


@pytest.fixture
def comment(web_site, page):
    """The comment of a case's page, open before the reviewer, who has a macro."""
    case = make_case(web_site.site, web_site.people.clinician)
    Macro.objects.create(reader=web_site.people.reviewer, shortcut="/nf", text=TEXT)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    field = page.locator("#review-form [name=comment]")
    with page.expect_response("**/api/v1/macros"):
        field.click()
    return field


@pytest.mark.parametrize(("key", "after"), [(" ", " "), ("Enter", "\n")])
def test_a_macro_becomes_its_text_and_can_be_taken_back(page, comment, key, after):
    comment.press_sequentially("Seen. /NF")
    comment.press(key)
    expect(comment).to_have_value(f"Seen. {TEXT}{after}")
    comment.press("Control+z")
    expect(comment).to_have_value("Seen. /NF")
    comment.press(key)
    comment.press("Backspace")
    expect(comment).to_have_value("Seen. /NF")
    comment.press_sequentially(".")
    comment.press(key)  # no word of a macro
    expect(comment).to_have_value(f"Seen. /NF.{after}")
    comment.fill("")
    comment.press_sequentially("km/nf and/nf ")
    expect(comment).to_have_value("km/nf and/nf ")
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved")


def test_macros_are_added_changed_and_deleted(web_site, page, comment):
    page.goto(f"{web_site.url}/macros/")
    add = page.locator("form", has_text="New macro").or_(page.locator("form.macro").first)
    add.get_by_label("Shortcut").fill("ok")
    add.get_by_label("Text").fill("Normal.")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status").filter(has_text="/ok was added")).to_be_visible()
    of_ok = page.locator("form.macro", has=page.locator("[value='/ok']"))
    of_ok.get_by_label("Text").fill("All normal.")
    page.get_by_role("button", name="Save /ok").click()
    expect(page.get_by_role("status").filter(has_text="/ok was changed")).to_be_visible()
    page.get_by_role("button", name="Delete /nf").click()
    expect(page.get_by_role("button", name="Delete /nf")).to_have_count(0)
    assert [(macro.shortcut, macro.text) for macro in Macro.objects.all()] == [
        ("/ok", "All normal.")
    ]


SAMPLES = [
    "plain",
    " \n around \r\n\r\n it \x85\x1f",
    "e\u0301" * 7,
    "😀" * 5,
    "👩\u200d⚕️",
    "\uf900\u212b\u0958",  # NFC would change these alone, so they stay
    "a\u0323\u0307\u0307\u0323b",
    "\ufeffno blank\ufeff",
    "\r\r\n\n",
]


def test_page_and_site_count_alike(page, comment):
    counted = page.evaluate(
        """async (samples) => {
            const site = [...document.scripts].find((script) => script.src.includes("site")).src;
            const { asRead, lengthOf } = await import(site.replace(/site[^/]*$/, "length.js"));
            return samples.map((sample) => [asRead(sample), lengthOf(sample)]);
        }""",
        SAMPLES,
    )
    assert counted == [[as_read(sample), len(as_read(sample))] for sample in SAMPLES]


def test_four_thousand_characters_are_four_thousand_for_both(page, comment):
    """Emoji, each two units of a browser's own count; line breaks, each two characters of a form."""
    page.set_default_timeout(120_000)  # Chromium lays out thousands of such lines slowly
    whole = ("😀\n" * LONGEST_COMMENT)[: LONGEST_COMMENT - 1] + "!"
    counter = page.locator(".count")
    comment.fill("😀" * (LONGEST_COMMENT // 2))
    expect(counter).to_have_count(0)
    comment.fill(whole + "!")
    expect(counter).to_have_text("4,001 of 4,000 characters: shorten it by 1")
    expect(page.locator("[role=status]", has_text="Too long")).to_have_count(1)
    page.get_by_label("No fracture").first.check()
    page.get_by_role("button", name="Sign", exact=True).click()
    assert not comment.evaluate("field => field.checkValidity()")
    comment.fill(whole)
    expect(counter).to_have_text("4,000 of 4,000 characters")
    expect(page.locator("[role=status]", has_text="Characters left: 0")).to_have_count(1)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign", exact=True).click()
    assert Review.objects.get().comment == whole
