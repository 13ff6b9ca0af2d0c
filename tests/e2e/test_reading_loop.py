"""Open, look, sign, next, by keys alone: two readers who take turns, the pictures ahead, and the way back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

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


def says_none(page):
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
    expect(one.get_by_text("No more cases in this view.")).to_be_visible()
    reviews = Review.objects.order_by("signed_at")
    assert [review.case for review in reviews] == [cases[at] for at in (0, 1, 2, 4)]
    assert {review.fracture for review in reviews} == {FractureCertainty.NONE}
    assert Reading.objects.going_on().get().case == cases[3]


def test_looking_claims_nothing_and_the_first_key_does(browser, page, web_site, cases):
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.get_by_role("link", name=cases[1].heading).click()
    is_on(page, cases[1])
    assert not Reading.objects.exists()
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
