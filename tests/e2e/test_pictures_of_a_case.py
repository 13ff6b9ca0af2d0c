"""A case of two pictures in a browser: each is shown with its own facts, also on a slow line."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_prediction, make_release
from triage.inference.case_update import update_cases
from triage.models import Case, Image, Job
from triage.states import CaseState
from triage.vocabulary import Side

pytestmark = [pytest.mark.e2e]


def two_pictures(web_site) -> Case:
    """A case of a left picture without and a right one with a suspected fracture."""
    case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED, images=2)
    Job.objects.all().delete()
    one, two = case.images.all()
    Image.objects.filter(pk=one.pk).update(side=Side.LEFT)
    Image.objects.filter(pk=two.pk).update(side=Side.RIGHT)
    release = make_release()
    make_prediction(one, release, "hairline", 0.9, call="negative", fracture_probability=0.04)
    make_prediction(two, release, "spiral", 0.7)
    with transaction.atomic():
        update_cases([case.pk])
    return case


def test_every_fact_follows_the_picture(web_site, page):
    case = two_pictures(web_site)
    one, two = case.images.all()
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")

    def is_shown(image, other, said):
        expect(page.locator("#image")).to_have_attribute("src", f"/images/{image.pk}/display/")
        expect(page.locator(".image-facts:visible")).to_contain_text(image.file_name)
        expect(page.locator(".image-facts:visible")).not_to_contain_text(other.file_name)
        expect(page.locator(".image-facts:visible")).to_contain_text(image.get_side_display())
        expect(page.locator(".of-image:visible")).to_have_text(re.compile(image.get_side_display()))
        expect(page.locator(".image-output:visible .call")).to_contain_text(said)
        expect(page.locator(".strip [aria-current=true]")).to_have_count(1)
        expect(page.locator(".case-call")).to_contain_text("spiral")
        expect(page.get_by_text("Agree: fracture, spiral (picture 2)")).to_be_visible()

    is_shown(two, one, "Fracture suspected")
    page.keyboard.press("h")
    expect(page.locator("#map")).to_be_visible()
    held = []
    page.route(f"**/images/{one.pk}/display/", lambda route: held.append(route))
    page.locator(".strip a").first.click()
    is_shown(one, two, "No fracture seen")
    # The other picture is not to be seen under this one's name while this one is on its way.
    expect(page.locator("#image")).to_have_css("visibility", "hidden")
    held[0].continue_()
    expect(page.locator("#image")).to_have_css("visibility", "visible")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#map-toggle")).to_be_hidden()
    page.unroute_all()
    page.reload()
    is_shown(one, two, "No fracture seen")
    page.locator(".case-call a").click()
    is_shown(two, one, "Fracture suspected")
    expect(page.locator("#map-toggle")).to_be_visible()


def test_no_map_of_another_picture_or_class_lies_over_the_picture(web_site, page):
    case = make_case(web_site.site, web_site.people.clinician, images=2)
    one, two = (image.predictions.get() for image in case.images.all())
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/?image=1")
    page.keyboard.press("h")
    expect(page.locator("#map")).to_have_css("visibility", "visible")
    held = []
    page.route("**/predictions/*/map/*/", lambda route: held.append(route))
    page.locator("#map-which").select_option("rival")
    expect(page.locator("#map")).to_have_attribute("src", f"/predictions/{one.pk}/map/rival/")
    expect(page.locator("#map")).to_have_css("visibility", "hidden")
    page.locator(".strip a").nth(1).click()
    expect(page.locator("#map")).to_have_attribute("src", f"/predictions/{two.pk}/map/rival/")
    expect(page.locator("#image")).to_have_css("visibility", "visible")  # its own line is quick
    expect(page.locator("#map")).to_have_css("visibility", "hidden")
    held[-1].continue_()
    expect(page.locator("#map")).to_have_css("visibility", "visible")


def test_what_the_model_says_meanwhile_stands_beside_no_form_that_does_not_know_it(web_site, page):
    """What is signed with the form says that its reader saw no prediction."""
    case = make_case(web_site.site, web_site.people.clinician, CaseState.RECEIVED, images=2)
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/cases/{case.pk}/")
    page.get_by_label("Comment").fill("Read without it.")
    for number, image in enumerate(case.images.all()):
        Job.objects.filter(image=image).delete()
        make_prediction(image, make_release(), "spiral", 0.7 + number / 10)
        with transaction.atomic():
            update_cases([case.pk])
        with page.expect_response("**/model-output/**"):
            pass
        offer = page.get_by_role("link", name="The model has read it")
        expect(offer).to_have_count(1)
        expect(page.locator("#model-output")).not_to_contain_text("Spiral")
    expect(page.locator(".working")).to_have_count(0)
    offer.click()
    expect(page.get_by_text("Agree: fracture, spiral")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Read without it.")
