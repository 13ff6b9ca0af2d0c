"""The keys of the opinions: each chooses its own, on every case, in a browser."""

import pytest
from django.db import transaction
from django.db.models.functions import Now
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_prediction, make_release
from triage.inference.case_update import update_cases
from triage.models import Reading, Review
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import FractureCertainty
from triage.web.keys import ACTS

pytestmark = [pytest.mark.e2e]


def chosen(page) -> str | None:
    return page.evaluate("document.getElementById('review-form').elements.fracture.value") or None


def agrees(page) -> bool:
    return page.locator("#review-form [name=agrees]").is_checked()


def test_a_key_chooses_its_opinion_on_every_case(web_site, page):
    site, sender = web_site.site, web_site.people.clinician
    make_release()
    cases = [
        make_case(site, sender, finding=said)
        for said in ({}, {"call": "negative"}, {"assessable": False})
    ]
    without = [make_case(site, sender, state) for state in (CaseState.FAILED, CaseState.RECEIVED)]
    doubt = make_case(site, sender, finding={"call": "doubt"})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    for case in [*cases, *without, doubt]:
        page.goto(f"{web_site.url}/cases/{case.pk}/")
        for answer in reversed(FractureCertainty):
            page.keyboard.press(ACTS[f"opinion.{answer}"].keys[0])
            assert chosen(page) == answer, case
        page.keyboard.press("a")
        if case in cases:
            assert agrees(page)
            continue
        why_not = "is in doubt: say" if case == doubt else "made no call"
        expect(page.locator("#said")).to_contain_text(why_not)
        assert chosen(page) == FractureCertainty.CERTAIN  # what was chosen before stays

    # The upper row of a French and an Arabic keyboard; and Shift and 1 on an English one, which is no digit.
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    for key, code, shift, answer in (
        ("&", "Digit1", False, FractureCertainty.CERTAIN),
        ("٣", "Digit3", False, FractureCertainty.NONE),
        ("!", "Digit1", True, FractureCertainty.NONE),
        ("1", "Digit1", True, FractureCertainty.CERTAIN),
    ):
        pressed = {"key": key, "code": code, "shiftKey": shift, "bubbles": True}
        page.evaluate("e => document.body.dispatchEvent(new KeyboardEvent('keydown', e))", pressed)
        assert chosen(page) == answer, key


def test_a_kept_draft_agrees_with_no_prediction_that_was_not_seen(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("a")
    page.get_by_label("Comment").fill("Written before.")
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    assert agrees(page)
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    with transaction.atomic():
        update_cases([case.pk])
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.get_by_label("Comment")).to_have_value("Written before.")
    assert chosen(page) is None
    assert not agrees(page)


def test_going_back_agrees_with_no_prediction_that_was_not_seen(web_site, page):
    """The browser itself refills the form of a page that it goes back to."""
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("a")
    page.get_by_label("Comment").fill("Written before.")
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    with transaction.atomic():
        update_cases([case.pk])
    page.goto(f"{web_site.url}/")
    page.go_back()
    expect(page.get_by_label("Comment")).to_have_value("Written before.")
    expect(page.locator("#review-form .agree")).to_contain_text("fracture dislocation")
    assert chosen(page) is None
    assert not agrees(page)


def test_what_the_model_says_is_filled_in_and_agreeing_ends_with_a_change(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician, top="spiral")
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    types = page.locator("#review-form [name=classes]")
    expect(types.first).to_be_hidden()
    page.keyboard.press("a")
    assert chosen(page) == FractureCertainty.CERTAIN
    expect(page.get_by_role("checkbox", name="Spiral", exact=True)).to_be_checked()
    page.locator("[data-yes-or-no=displaced]").get_by_label("Yes").check()
    assert agrees(page)  # it says more, and nothing else
    page.keyboard.press("Shift+O")
    assert not agrees(page)
    page.keyboard.press("3")
    expect(types.first).to_be_hidden()
    page.keyboard.press("Shift+R")
    expect(page.locator("#said")).to_contain_text("choose 1 or 2 first")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator(".reviews strong")).to_have_text("No fracture.")
    review = Review.objects.get()
    assert (review.fracture, review.classes, review.displaced, review.agrees) == (
        "none",
        [],
        None,
        False,
    )


def test_no_key_acts_behind_the_help(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("?")
    for key in ("3", "i", "h"):
        page.keyboard.press(key)
    assert chosen(page) is None
    for button in ("#invert", "#map-toggle"):
        expect(page.locator(button)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    assert chosen(page) == FractureCertainty.NONE


def test_after_a_refused_signature_the_address_is_the_case(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("3")
    expect(page.locator("#lease")).to_be_visible()
    page.route(
        "**/head/**", lambda route: route.abort()
    )  # or the page turned its form off by itself
    Reading.objects.going_on().update(claimed_until=Now())
    sign(case=case, reader=web_site.people.clinician2, given=GivenOpinion("none"))
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This case is closed")
    page.wait_for_url(f"{web_site.url}/cases/{case.pk}/?image=1")
    answer = page.reload()
    assert (answer.status, answer.request.method) == (200, "GET")
