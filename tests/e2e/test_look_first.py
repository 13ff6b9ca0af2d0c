"""A press that was meant for the case before does nothing on the page that has just come."""

import pytest
from playwright.sync_api import expect

from tests.e2e.ready import is_ready
from tests.e2e.test_blind import blind, open_as  # noqa: F401
from tests.e2e.test_first_light import sign_in
from tests.e2e.test_reading_loop import cases, is_on  # noqa: F401
from triage.models import Draft, Reading, Review, Skip
from triage.review.drafts import save_draft
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
# As soon as the page's keys work, and no later: what a second press a moment afterwards meets. On a busy
# machine the page is loaded only when the form takes a press already.
PRESSES_AGAIN = """const isThere = () => document.querySelector("form[data-too-soon]");
const watch = new MutationObserver(() => isThere() && again());
watch.observe(document, { subtree: true, attributes: true, childList: true });
let done = false;
const again = () => {
  watch.disconnect();
  if (done) return;
  done = true;
  %s
};
window.addEventListener("load", again);  // where nothing on the page looks first
"""
KEY = """document.body.dispatchEvent(new KeyboardEvent("keydown", {%s, bubbles: true, cancelable: true}));"""
SIGNS = PRESSES_AGAIN % (KEY % 'key: "Enter", code: "Enter", ctrlKey: true')
AS_IT_COMES = """new MutationObserver((_, watch) => {
  const button = document.querySelector("%s button");
  if (button) { watch.disconnect(); button.click(); }
}).observe(document.body, { subtree: true, childList: true })"""
DRAWS_THREE = """() => {
  const field = document.querySelector("#review-form [name=places]");
  field.value = JSON.stringify([1, 2, 3].map((tenth) => ({ image: 1, x: tenth / 10, y: 0.5 })));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
NOTHING_SIGNED = "Nothing was signed"
JUST_COME = "this page had just come"


@pytest.fixture
def begun(web_site, cases):  # noqa: F811
    """The second case, whose form begins with what the reader wrote before."""
    content = {"fracture": "none", "comment": "Clear."}
    save_draft(
        case=cases[1],
        reader=web_site.people.reviewer,
        content=content,
        version=None,
        editor=None,
    )
    return cases[1]


def click_where_it_is(page, button):
    """As a hand does, which does not ask whether the button takes it."""
    box = button.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def signed_cases():
    return [review.case for review in Review.objects.order_by("signed_at")]


def test_a_second_press_does_not_sign_the_case_that_has_just_come(page, web_site, cases, begun):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    is_ready(page)
    page.keyboard.press("3")
    page.add_init_script(SIGNS)
    page.keyboard.press("Control+Enter")
    is_on(page, begun)
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    assert signed_cases() == cases[:1]
    is_ready(page)
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    is_on(page, cases[2])
    assert signed_cases() == cases[:2]


def test_both_keys_pressed_twice_on_a_slow_line_sign_one_case(page, web_site, cases):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    is_ready(page)
    page.keyboard.press("3")
    page.add_init_script(PRESSES_AGAIN % (KEY % 'key: "3", code: "Digit3"' + KEY % 'key: "s"'))
    page.keyboard.press("s")
    is_on(page, cases[1])
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    assert signed_cases() == cases[:1]
    is_ready(page)
    page.keyboard.press("s")
    is_on(page, cases[2])


@pytest.mark.parametrize("key", ["k", "n"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_second_press_skips_and_takes_nothing_unseen(page, web_site, cases, key, width):  # noqa: F811
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    is_ready(page)
    page.add_init_script(PRESSES_AGAIN % (KEY % f'key: "{key}"'))
    page.keyboard.press(key)
    is_on(page, cases[1])
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Nothing was done: this page had just come.")
    expect(alert).to_be_in_viewport()
    page.wait_for_timeout(500)
    is_on(page, cases[1])
    assert Skip.objects.count() == (key == "k")
    assert Reading.objects.get().case == cases[1]
    is_ready(page)
    page.keyboard.press(key)
    is_on(page, cases[2 if key == "k" else 0])


def test_a_case_that_has_just_come_is_not_claimed_unseen(page, web_site, cases):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.add_init_script(PRESSES_AGAIN % (KEY % 'key: "c"'))
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    expect(page.get_by_role("alert")).to_contain_text(JUST_COME)
    assert not Reading.objects.exists()


def test_a_second_press_deletes_no_other_draft(page, web_site, cases):  # noqa: F811
    for case in cases[:2]:
        save_draft(case=case, reader=web_site.people.reviewer, content={"comment": "Mine."})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/drafts/")
    discard = page.get_by_role("button", name="Discard")
    discard.first.click(trial=True)
    page.add_init_script(PRESSES_AGAIN % "document.querySelector('main form .danger').click();")
    discard.first.click()
    expect(discard).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done: this page had just come.")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    page.wait_for_timeout(500)
    assert Draft.objects.count() == 1


def test_a_key_that_is_held_down_deletes_nothing_and_says_so(page, web_site, cases):  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    save_draft(case=cases[0], reader=web_site.people.reviewer, content={"comment": "Mine."})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/drafts/")
    discard = page.get_by_role("button", name="Discard")
    discard.click(trial=True)
    page.keyboard.down("Enter")
    discard.focus()
    page.keyboard.down("Enter")  # and again: it repeats
    expect(page.get_by_role("alert")).to_have_text(
        "Nothing was done. Look at the page, then press again."
    )
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    assert Draft.objects.count() == 1


def test_a_key_that_is_held_down_signs_nothing(page, web_site, cases, begun):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{begun.pk}/")
    is_ready(page)
    page.keyboard.press("3")
    page.keyboard.down("Enter")
    page.locator("#review-form .sign-bar .main").focus()
    page.keyboard.down("Enter")  # and again: it repeats
    expect(page.get_by_role("alert")).to_have_text(
        "Nothing was signed. Look at the page, then press again."
    )
    assert signed_cases() == []
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    is_on(page, cases[0])
    assert signed_cases() == [begun]


def test_a_locked_first_reading_is_not_signed_unseen(page, web_site, blind):  # noqa: F811
    open_as(page, web_site, "reviewer", f"/cases/{blind.pk}/")
    is_ready(page)
    page.keyboard.press("3")
    page.add_init_script(SIGNS)
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("First reading locked.")
    expect(page.get_by_role("alert")).to_contain_text(NOTHING_SIGNED)
    blind.refresh_from_db()
    assert blind.state != CaseState.REVIEWED


def test_a_button_that_sends_nothing_takes_each_press(page, web_site, cases):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    is_ready(page)
    page.keyboard.press("1")
    page.evaluate(DRAWS_THREE)
    remove = page.locator("[data-places-list] button")
    expect(remove).to_have_count(3)
    expect(page.get_by_role("button", name="Give back")).to_be_visible()  # nothing moves any more
    remove.first.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    click_where_it_is(page, remove.first)
    click_where_it_is(page, remove.first)
    expect(remove).to_have_count(1, timeout=500)


def test_a_claim_that_has_just_come_is_not_given_back_unseen(page, web_site, cases):  # noqa: F811
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    is_ready(page)
    page.evaluate(AS_IT_COMES % ".lease form:has([data-act=give_back])")
    page.keyboard.press("3")
    expect(page.get_by_role("alert")).to_contain_text(JUST_COME)
    page.wait_for_timeout(800)
    assert Reading.objects.going_on().count() == 1
    page.get_by_role("button", name="Give back").click()
    expect(page.get_by_role("button", name="Claim", exact=False)).to_be_visible()
    assert not Reading.objects.going_on().exists()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_second_click_signs_nothing_without_scripts(browser, web_site, cases, begun, motion):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, reduced_motion=motion)
    page = context.new_page()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    page.get_by_label("No fracture").first.check()
    button = page.get_by_role("button", name="Sign and next")
    button.click(trial=True)
    devices = context.new_cdp_session(page)
    devices.send("Animation.enable")
    devices.send("Animation.setPlaybackRate", {"playbackRate": 0.01})  # the first moment lasts
    click_where_it_is(page, button)
    is_on(page, begun)
    click_where_it_is(page, button)
    page.wait_for_timeout(500)
    is_on(page, begun)
    assert signed_cases() == cases[:1]
    devices.send("Animation.setPlaybackRate", {"playbackRate": 1})
    button.click()
    is_on(page, cases[2])
    context.close()
