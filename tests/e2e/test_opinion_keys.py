"""The keys of the opinions: each chooses its own, on every case, in a browser."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_prediction, make_release
from triage.inference.case_update import update_cases
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import OPINION_KEYS, Opinion

pytestmark = [pytest.mark.e2e]


def chosen(page) -> str | None:
    return page.evaluate("document.getElementById('review-form').elements.opinion.value") or None


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
        for opinion in reversed(OPINION_KEYS):
            page.keyboard.press(OPINION_KEYS[opinion])
            if opinion == Opinion.AGREE and case not in cases:
                why_not = "is in doubt: choose" if case == doubt else "made no call"
                expect(page.locator("[data-key-answer]")).to_contain_text(why_not)
                assert chosen(page) == Opinion.OTHER_CLASS  # what was chosen before stays
            else:
                assert chosen(page) == opinion, case

    # The upper row of a French and an Arabic keyboard; and Shift and 1 on an English one, which is no digit.
    page.goto(f"{web_site.url}/cases/{cases[0].pk}/")
    for key, code, shift, opinion in (
        ("&", "Digit1", False, Opinion.AGREE),
        ("٣", "Digit3", False, Opinion.NO_FRACTURE),
        ("!", "Digit1", True, Opinion.NO_FRACTURE),
        ("1", "Digit1", True, Opinion.AGREE),
    ):
        pressed = {"key": key, "code": code, "shiftKey": shift, "bubbles": True}
        page.evaluate("e => document.body.dispatchEvent(new KeyboardEvent('keydown', e))", pressed)
        assert chosen(page) == opinion, key


def test_a_kept_draft_agrees_with_no_prediction_that_was_not_seen(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("1")
    page.get_by_label("Comment").fill("Written before.")
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    assert chosen(page) == Opinion.AGREE
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    with transaction.atomic():
        update_cases([case.pk])
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    expect(page.get_by_label("Comment")).to_have_value("Written before.")
    assert chosen(page) is None


def test_going_back_agrees_with_no_prediction_that_was_not_seen(web_site, page):
    """The browser itself refills the form of a page that it goes back to."""
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("1")
    page.get_by_label("Comment").fill("Written before.")
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    with transaction.atomic():
        update_cases([case.pk])
    page.goto(f"{web_site.url}/")
    page.go_back()
    expect(page.get_by_label("Comment")).to_have_value("Written before.")
    expect(page.locator("#review-form .opinion").first).to_contain_text("fracture dislocation")
    assert chosen(page) is None


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
    assert chosen(page) == Opinion.NO_FRACTURE


def test_after_a_refused_signature_the_address_is_the_case(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.keyboard.press("3")
    sign(case=case, reader=web_site.people.clinician2, opinion=Opinion.NO_FRACTURE)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This case is closed")
    assert page.url == f"{web_site.url}/cases/{case.pk}/?image=1"
    answer = page.reload()
    assert (answer.status, answer.request.method) == (200, "GET")
