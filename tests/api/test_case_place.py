"""Where a case stands: in a view, and among the cases of the same patient."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_case
from triage.states import CaseState
from triage.vocabulary import BodyPart

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def client(people, signed_in):
    return signed_in(people.reviewer)


def test_its_place_in_a_view(site, people, client):
    now = timezone.now()
    cases = [
        make_case(site, people.clinician, due_at=now + timedelta(hours=hours))
        for hours in (1, 2, 3)
    ]
    address = f"/api/v1/cases/{cases[2].pk}/position"
    assert client.get(address).json() == {"at": 3, "count": 3, "has_more": False}
    assert client.get(f"{address}?order=desc").json()["at"] == 1
    assert client.get(f"{address}?state=failed").json() == {
        "at": None,
        "count": None,
        "has_more": False,
    }
    assert client.get(f"{address}?sort=luck").status_code == 400


def test_earlier_cases_of_the_patient_and_no_others(site, other_site, people, client):
    patient = {"patient_reference": "P-1"}
    first = make_case(site, people.clinician, CaseState.REVIEWED, **patient)
    elbow = make_case(site, people.clinician, body_part=BodyPart.ELBOW, **patient)
    make_case(site, people.clinician, CaseState.WITHDRAWN, **patient)
    make_case(site, people.clinician, patient_reference="P-2")
    make_case(other_site, people.stranger, **patient)
    case = make_case(site, people.clinician, **patient)
    make_case(site, people.clinician, **patient)  # later
    rows = client.get(f"/api/v1/cases/{case.pk}/earlier").json()["results"]
    assert [row["id"] for row in rows] == [str(first.pk), str(elbow.pk)]
    assert rows[0]["signed"] and rows[1]["signed"] is None
