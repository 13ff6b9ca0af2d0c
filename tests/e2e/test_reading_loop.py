"""Open, look, sign, next, by keys alone: two readers who take turns, the pictures ahead, and the way back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.line import line_to
from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Reading, Review
from triage.vocabulary import FractureCertainty

pytestmark = [pytest.mark.e2e]
WIDTHS = [1440, 390]


@pytest.fixture
def cases(web_site):
    now = timezone.now()
    return [
        make_case(web_site.site, web_site.people.clinician, due_at=now + timedelta(hours=hours))
        for hours in range(1, 6)
    ]


def signed_in(browser, web_site, person, width):
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    sign_in(page, web_site.url, person.email)
    return page


def is_on(page, case):
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.heading)


def is_signature(request):
    return request.method == "POST" and request.url.endswith("/review/")


def says_none(page):
    is_ready(page)
    page.keyboard.press("3")
    page.keyboard.press("s")


@pytest.mark.parametrize("width", WIDTHS)
def test_two_readers_take_turns_by_next(browser, page, web_site, cases, width):
    one = signed_in(browser, web_site, web_site.people.reviewer, width)
    other = signed_in(browser, web_site, web_site.people.clinician2, width)
    for reader, case in ((one, cases[0]), (other, cases[1])):
        reader.keyboard.press("n")
        is_on(reader, case)
        expect(reader.locator("#lease")).to_be_visible()
    for reader, case in ((one, cases[2]), (other, cases[3]), (one, cases[4])):
        says_none(reader)
        is_on(reader, case)
        expect(reader.get_by_text("Signed.", exact=True)).to_have_count(1)
    says_none(one)
    expect(one.get_by_text("No case in this view is free for you now.")).to_be_visible()
    reviews = Review.objects.order_by("signed_at")
    assert [review.case for review in reviews] == [cases[at] for at in (0, 1, 2, 4)]
    assert {review.fracture for review in reviews} == {FractureCertainty.NONE}
    assert Reading.objects.going_on().get().case == cases[3]


def test_looking_claims_nothing_and_the_first_key_does(browser, page, web_site, cases):
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.get_by_role("link", name=cases[1].heading).click()
    is_on(page, cases[1])
    assert not Reading.objects.exists()
    page.wait_for_load_state("load")  # and the scripts that hear the key
    page.keyboard.press("3")
    expect(page.locator("#lease")).to_be_visible()
    assert Reading.objects.get().case == cases[1]


def test_the_next_pictures_are_there_already_and_the_way_back_keeps_the_view(page, web_site, cases):
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/?sort=waiting")
    ahead = f"/images/{cases[2].first_image.pk}/display/"
    with page.expect_response(lambda answer: answer.url.endswith(ahead)) as fetched:
        page.get_by_role("link", name=cases[1].heading).click()
    assert fetched.value.status == 200
    assert not Reading.objects.exists()
    page.keyboard.press("w")
    page.wait_for_url(f"**/?sort=waiting#case-{cases[1].pk}")


def focused_row(page):
    return page.evaluate("document.activeElement.closest('tr')?.id")


def settled_scroll(page):
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)
    return page.evaluate("scrollY")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_way_back_leads_to_the_same_place_of_the_list(browser, page, web_site, cases, width):
    people = web_site.people
    for hours in range(10, 35):
        due_at = timezone.now() + timedelta(hours=hours)
        many = make_case(web_site.site, people.clinician, due_at=due_at)
    reader = signed_in(browser, web_site, people.reviewer, width)
    reader.goto(f"{web_site.url}/?priority=routine&order=desc")
    reader.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    scroll = settled_scroll(reader)
    assert scroll > 300
    opened = reader.evaluate(
        "[...document.querySelectorAll('tbody tr')].find(row => row.getBoundingClientRect().top > 300).id"
    )
    reader.locator(f"#{opened} .case a").click()
    reader.wait_for_url("**/cases/**")
    reader.keyboard.press("w")
    reader.wait_for_url(f"**/?order=desc&priority=routine#{opened}")
    assert settled_scroll(reader) == scroll
    assert focused_row(reader) == opened

    # After Next another row was open: it is where it was, or shown where that is out of sight.
    reader.keyboard.press("n")
    is_on(reader, many)
    reader.keyboard.press("w")
    reader.wait_for_url(f"**/?order=desc&priority=routine#case-{many.pk}")
    assert settled_scroll(reader) < scroll
    assert focused_row(reader) == f"case-{many.pk}"
    assert reader.locator(f"#case-{many.pk}").bounding_box()["y"] >= 90


@pytest.mark.parametrize("width", WIDTHS)
def test_sign_pressed_twice_on_a_slow_line_signs_once(browser, page, web_site, cases, width):
    with line_to(web_site.url) as line:
        reader = browser.new_context(viewport={"width": width, "height": 844}).new_page()
        sign_in(reader, line.url, web_site.people.reviewer.email)
        reader.goto(f"{line.url}/cases/{cases[0].pk}/")
        reader.keyboard.press("3")
        expect(reader.locator("#lease")).to_be_visible()
        sent = []
        reader.on(
            "request", lambda request: sent.append(request.url) if is_signature(request) else None
        )
        is_ready(reader)
        line.delay = 1.5  # seconds, for each answer
        # A third one knows nothing of the others, as that of a page without scripts. All in one task: the way
        # to the first answer would end a script of the page that is left.
        reader.evaluate(
            """() => {
              const form = document.getElementById("review-form");
              const button = form.querySelector("button[name=then][value=next]");
              button.click();
              button.click();
              form.append(Object.assign(document.createElement("input"), { name: "then", value: "next" }));
              setTimeout(() => HTMLFormElement.prototype.submit.call(form));
            }"""
        )
        reader.wait_for_timeout(500)
        line.delay = 0
        is_on(reader, cases[1])
        expect(reader.get_by_text("Signed.", exact=True)).to_have_count(1)
        expect(reader.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 2
    assert Review.objects.get().case == cases[0]
    assert Reading.objects.going_on().get().case == cases[1]
