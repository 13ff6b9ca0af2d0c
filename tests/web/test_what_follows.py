"""What a case, its report and its reviews say of a critical result, and of each call-back."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from tests.pages import flat
from tests.report.test_call_backs import BROKEN, WHOLE, closed, thought
from tests.report.test_critical_results import later
from triage.models import CallBack, CriticalResult
from triage.report.case_report import case_report
from triage.report.critical_of_case import Because, critical_by_review, why_critical
from triage.report.critical_results import acknowledge, notify_due
from triage.report.critical_rules import set_critical_table
from triage.report.pdf import _Page, pdf_of
from triage.review.critical_table import DEFAULTS, Matches
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.worklist.one_case import shown_case

pytestmark = pytest.mark.usefixtures("storage")
PLACE = {"image": 1, "x": 0.2, "y": 0.3, "width": 0.1, "height": 0.1}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def page_of(client, person, address):
    """Without the text to copy, which says the whole report once more."""
    client.force_login(person)
    return flat(client.get(address).content.decode()).split('<textarea id="report-text"')[0]


def case_page(client, person, case):
    return page_of(client, person, reverse("case", args=[case.pk]))


def ticks(page):
    """Of the forms with a tick "critical": whether each is ticked."""
    return ["checked" in part.split(">")[0] for part in page.split(' name="critical"')[1:]]


@pytest.mark.parametrize("ticked", [True, False])
def test_a_correction_starts_with_the_tick_that_was_signed(case, people, client, ticked):
    """Also where the site's table calls it critical: that nobody has ticked."""
    given = GivenOpinion("certain", ("pathological",))
    sign(case=case, reader=people.reviewer, given=given, critical=ticked)
    assert ticks(case_page(client, people.reviewer, case)) == [ticked]


def test_a_refused_correction_keeps_the_tick_as_it_was_sent(case, people, client):
    given = GivenOpinion("none")
    review = sign(case=case, reader=people.reviewer, given=given, critical=True)
    client.force_login(people.reviewer)
    sent = {"fracture": "none", "classes": ["spiral"]}
    answer = client.post(reverse("case_correct", args=[case.pk, review.pk]), sent)
    assert ticks(flat(answer.content.decode())) == [False]


def in_report(case, person):
    """What text, page and PDF of the report say."""
    report = case_report(shown_case(person, type(case).objects.get(pk=case.pk)))
    return [report.text, report.opinion.critical, *(one.critical for one in report.earlier)]


def test_case_report_and_rest_say_that_it_is_critical_and_who_took_note(case, people, client):
    given = GivenOpinion("none", comment="Free air.")
    sign(case=case, reader=people.reviewer, given=given, critical=True)
    waits = "Critical (the reader says so). Nobody has taken note of it yet."
    result = CriticalResult.objects.get()
    report = reverse("case_report", args=[case.pk])
    for person in (people.clinician, people.reviewer):
        page = case_page(client, person, case)
        assert waits in page and reverse("critical_result", args=[result.pk]) in page
        assert waits in page_of(client, person, report)
        assert waits in in_report(case, person)[0]
    acknowledge(result=result, actor=people.clinician, review_id=result.review_id)
    noted = "Critical (the reader says so). Clara Clinician took note of it, "
    for address in (reverse("case", args=[case.pk]), report):
        assert noted in page_of(client, people.reviewer, address)
    answer = client.get(reverse("api_case_reviews", args=[case.pk])).json()
    (review,) = answer["results"]
    said = review["critical"]
    one = client.get(reverse("api_critical_result", args=[result.pk])).json()
    assert said["because"] == one["because"] == "reader"
    assert (said["id"], said["by_reader"]) == (str(result.pk), True)
    assert said["acknowledged_by"]["name"] == "Clara Clinician" and said["acknowledged_at"]


def test_the_pdf_says_it_and_where(case, people, monkeypatch):
    lines = []
    monkeypatch.setattr(_Page, "_line", lambda self, text, **look: lines.append(text))
    given = GivenOpinion("certain", ("spiral",), places=(PLACE,))
    sign(case=case, reader=people.reviewer, given=given, critical=True)
    pdf_of(case_report(shown_case(people.clinician, type(case).objects.get())))
    assert any(line.startswith("Critical (the reader says so).") for line in lines)
    assert "Drawn: box on picture 1." in lines


@pytest.mark.parametrize("noted", [True, False])
def test_a_correction_of_what_was_critical_does_not_blame_the_table(case, people, client, noted):
    """It says "no fracture", which no table calls critical; it took the place of what was."""
    review = sign(case=case, reader=people.reviewer, given=BROKEN, critical=True)
    if noted:
        result = CriticalResult.objects.get()
        acknowledge(result=result, actor=people.clinician, review_id=review.pk)
    correct(review=review, reader=people.reviewer, given=WHOLE)
    waiting = CriticalResult.objects.waiting().get()
    assert not waiting.by_reader
    pages = [
        page_of(client, people.clinician, reverse("critical_result", args=[waiting.pk])),
        case_page(client, people.clinician, case),
    ]
    for page in pages:
        assert "n opinion before it was critical" in page and "y the site's table" not in page
    words, *_rest = in_report(case, people.clinician)
    assert why_critical(waiting) == Because.EARLIER
    assert ("Clara Clinician took note of it" in words) is noted


def test_the_case_says_which_call_back_is_open_and_what_became_of_the_others(case, people, client):
    thought(case, people.clinician)
    review = sign(case=case, reader=people.reviewer, given=BROKEN)
    first = CallBack.objects.get()
    page = case_page(client, people.clinician2, case)
    assert "The patient must be called back. Fracture missed. Who must act: Clara Clinician" in page
    closed(first, actor=people.clinician, outcome="comes_back", words="Tomorrow")
    review = correct(review=review, reader=people.reviewer, given=WHOLE)
    again = CallBack.objects.going_on().get()
    for person in (people.clinician, people.reviewer):
        page = case_page(client, person, case)
        assert "must be called back again. Corrected after the call-back was closed." in page
        done = "Fracture missed: call-back closed with “The patient comes back” by Clara Clinician,"
        assert done in page
        addresses = [reverse("call_back", args=[one.pk]) for one in (again, first)]
        assert all(address in page for address in addresses)
    closed(again, actor=people.clinician, outcome="informed", words="By phone")
    page = case_page(client, people.clinician, case)
    assert "must be called back" not in page and "needed” by Clara Clinician" in page


def test_a_report_says_where_and_calls_the_case_as_the_lists_do(site, people, client):
    case = make_case(site, people.clinician, accession_number="")
    given = GivenOpinion("certain", ("spiral",), places=(PLACE,))
    sign(case=case, reader=people.reviewer, given=given, critical=True)
    name = f"{case.first_image.file_name} ({case.short_name})"
    result = CriticalResult.objects.get()
    addresses = [
        reverse("case_report", args=[case.pk]),
        reverse("case_report_text", args=[case.pk]),
        reverse("critical_results"),
        reverse("critical_result", args=[result.pk]),
    ]
    for address in addresses:
        assert name in page_of(client, people.clinician, address), address
    for address in addresses[:2]:
        assert "Drawn: box on picture 1." in page_of(client, people.clinician, address)
    review = case.reviews.get()
    correct(review=review, reader=people.reviewer, given=GivenOpinion("none"))
    assert "Drawn" not in page_of(client, people.clinician, addresses[1])


def test_who_is_told_stands_in_the_order_of_the_steps(case, people, client):
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"), critical=True)
    for _step in range(2):
        notify_due()
        later(15)
    notify_due()
    result = CriticalResult.objects.get()
    assert result.notified_roles == ["sender", "clinician", "reviewer"]
    page = page_of(client, people.clinician2, reverse("critical_result", args=[result.pk]))
    assert "The sender, Any clinician of the site, Any reviewer of the site" in page


def test_a_type_beside_a_small_chance_says_what_it_is_a_share_of(site, people, client):
    doubt = {"call": "doubt", "fracture_probability": 0.04}
    case = make_case(site, people.clinician, top="spiral", confidence=0.53, finding=doubt)
    assert "The type holds if there is a fracture" in case_page(client, people.reviewer, case)
    sure = make_case(site, people.clinician, top="spiral", confidence=0.53)
    assert "The type holds if there is a fracture" not in case_page(client, people.reviewer, sure)


def test_of_a_picture_that_is_not_assessable_no_place_is_spoken_of(site, people, client):
    for said, spoken in (({"call": "negative"}, True), ({"assessable": False}, False)):
        case = make_case(site, people.clinician, finding=said)
        page = case_page(client, people.reviewer, case)
        assert ("No place is marked on this picture." in page) is spoken


def test_a_changed_table_changes_no_reason_of_before(site, case, people, django_assert_num_queries):
    """Signed as critical by the table of then, and corrected to another type, which it called so or not."""

    def table(fracture_class):
        rules = {"rules": [Matches(fracture_class)], "steps": DEFAULTS.steps}
        set_critical_table(site=site, actor=people.admin, **rules)

    def why(review):
        with django_assert_num_queries(1):
            return why_critical(critical_by_review(case.pk)[review.pk])

    table("spiral")
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    table("oblique")
    assert why(review) == Because.TABLE
    other = GivenOpinion("certain", ("oblique",))
    corrected = correct(review=review, reader=people.reviewer, given=other)
    table("spiral")
    assert why(corrected) == Because.TABLE_OR_EARLIER
