"""A patient reference that was somebody else's in an earlier case is questioned; nothing is refused."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_case
from tests.intake.test_newer_versions import film, sent
from triage.intake.same_patient import patient_questions
from triage.models import Case
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
P = {"patient_reference": "Müller-7"}


def of_years_ago(case, years):
    Case.objects.filter(pk=case.pk).update(
        received_at=timezone.now() - timedelta(days=365.25 * years)
    )


def asked(case) -> list[tuple[str, object]]:
    case = Case.objects.get(pk=case.pk)
    return [(question.field, question.earlier) for question in patient_questions(case)]


def test_another_sex_and_age_are_questioned_and_the_newest_case_named(site, people):
    make_case(site, people.clinician, sex="M", **P)
    earlier = make_case(site, people.clinician, sex="M", age_band="65+", **P)
    make_case(site, people.clinician, sex="F", **P)
    make_case(site, people.clinician, **P)
    again = {"patient_reference": " müller-７ ", "sex": "F", "age_band": "2-11"}
    case = make_case(site, people.clinician, **again)
    assert asked(case) == [("sex", earlier), ("age_band", earlier)]
    assert asked(earlier) == []  # what came later is not its question


@pytest.mark.parametrize(
    ("then", "years", "now", "fits"),
    [
        ("2-11", 0, "2-11", True),
        ("2-11", 0, "12-17", True),  # eleven yesterday, twelve today
        ("0-1", 0, "12-17", False),
        ("0-1", 3, "2-11", True),
        ("0-1", 2, "0-1", True),  # by a year of slack
        ("0-1", 4, "0-1", False),
        ("2-11", 20, "18-64", True),
        ("2-11", 20, "12-17", False),
        ("18-64", 3, "12-17", False),
        ("18-64", 20, "65+", True),
        ("12-17", 20, "65+", False),
        ("65+", 3, "18-64", False),
    ],
)
def test_years_between_two_cases_count(site, people, then, years, now, fits):
    earlier = make_case(site, people.clinician, age_band=then, **P)
    of_years_ago(earlier, years)
    case = make_case(site, people.clinician, age_band=now, **P)
    assert asked(case) == ([] if fits else [("age_band", earlier)])


def test_an_old_picture_that_is_sent_later_has_its_own_age(site, people):
    """The study is of the patient's childhood, and came after the one of today."""
    today = {"AccessionNumber": None, "StudyDate": f"{timezone.now():%Y%m%d}", "PatientAge": "030Y"}
    long_ago = today | {"StudyDate": f"{timezone.now().year - 22}0101", "PatientAge": "008Y"}
    sent(people.clinician, site, film(1, **today), **P)
    assert asked(sent(people.clinician, site, film(2, **long_ago), **P).case) == []
    at_once = today | {"PatientAge": "008Y"}
    assert [
        field for field, _case in asked(sent(people.clinician, site, film(3, **at_once), **P).case)
    ]


def test_what_says_nothing_is_not_compared(site, other_site, people):
    make_case(other_site, people.stranger, sex="M", **P)
    make_case(site, people.clinician, CaseState.WITHDRAWN, sex="M", **P)
    make_case(site, people.clinician, sex="M", patient_reference="Müller-8")
    make_case(site, people.clinician, sex="M")
    assert asked(make_case(site, people.clinician, sex="F", **P)) == []
    assert asked(make_case(site, people.clinician, sex="F")) == []


def test_a_reference_that_everybody_gets_costs_no_more(site, people, django_assert_max_num_queries):
    for _number in range(30):
        make_case(site, people.clinician, sex="F", age_band="18-64", **P)
    case = Case.objects.get(pk=make_case(site, people.clinician, sex="F", age_band="65+", **P).pk)
    with django_assert_max_num_queries(2):
        assert patient_questions(case) == []


def test_page_and_answer_ask(site, people):
    client = Client()
    client.force_login(people.clinician)
    earlier = sent(people.clinician, site, film(1), sex="M", **P).case
    said = f"Sex: case ORD-77 ({earlier.short_name}), which has the same patient reference, says otherwise."
    case = sent(people.clinician, site, film(2), sex="F", **P).case
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert said in page and reverse("case", args=[earlier.pk]) in page
    (question,) = client.get(reverse("api_case", args=[case.pk])).json()["patient_contradicts"]
    assert (question["field"], question["earlier_case"]) == ("sex", str(earlier.pk))
    assert question["message"] == f"{said} Is it the same patient?"
    assert (
        "same patient reference"
        not in client.get(reverse("case", args=[earlier.pk])).content.decode()
    )
