"""The page of the API sends what a person filled in, and nothing that it made up."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_first_light import sign_in
from tests.factories import picture_bytes
from triage.models import Case
from triage.vocabulary import Priority

pytestmark = [pytest.mark.e2e]
SEND = "#operations-cases-send_case"


def test_a_case_is_sent_from_the_page_of_the_api(web_site, page):
    sign_in(page, web_site.url, web_site.people.clinician.email)
    page.goto(f"{web_site.url}/api/v1/docs/")
    page.click(SEND)
    page.click(f"{SEND} .try-out__btn")
    page.fill("tr[data-property-name=site] input", web_site.site.slug)
    page.select_option("tr[data-property-name=body_part] select", "WRIST")
    files = page.locator("tr[data-property-name=images]")
    files.get_by_role("button", name="Add").click()
    for number in range(2):
        file = {"name": f"{number}.png", "mimeType": "image/png", "buffer": picture_bytes(number)}
        files.locator("input[type=file]").nth(number).set_input_files(file)
    page.click(f"{SEND} .execute")
    status = page.locator(f"{SEND} .live-responses-table .response .response-col_status").first
    expect(status).to_have_text("201", timeout=20_000)
    case = Case.objects.get()
    assert case.images.count() == 2
    said = (case.accession_number, case.patient_reference, case.clinical_question)
    assert (*said, case.age_band, case.sex, case.side, case.projection) == ("",) * 7
    assert (case.body_part, case.priority) == ("WRIST", Priority.ROUTINE)
