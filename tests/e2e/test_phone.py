"""Lists on a screen that is 390 wide."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import make_case
from triage.models import Case
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]


def test_no_row_of_a_list_is_wider_than_the_phone(web_site, page):
    site, sender = web_site.site, web_site.people.clinician
    case = make_case(site, sender)
    Case.objects.filter(pk=case.pk).update(accession_number="9" * 64)
    closed = Case.objects.filter(pk=make_case(site, sender).pk)
    closed.update(state=CaseState.REVIEWED, closed_at=timezone.now())
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    beyond = """() => {
        const edge = document.querySelector(".worklist").parentElement.getBoundingClientRect().right;
        const right = cell => cell.getBoundingClientRect().left + cell.scrollWidth;
        return [...document.querySelectorAll(".worklist tbody td")]
            .filter(cell => right(cell) > edge).map(cell => cell.className);
    }"""
    for address in ("/", "/?state=reviewed"):
        page.goto(web_site.url + address)
        assert page.locator(".worklist tbody tr").count() == 1
        assert page.evaluate(beyond) == [], address
        expect(page.locator(".worklist tbody .chance")).to_contain_text("83 %")
        expect(page.locator(".worklist tbody .chance")).to_be_visible()
