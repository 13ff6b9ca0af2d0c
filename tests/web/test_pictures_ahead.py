"""The pictures that Next will probably show are named, so that a page fetches them meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_case, make_reading
from triage.models import Reading
from triage.review.claims import claim

pytestmark = pytest.mark.usefixtures("storage")


def due(hours):
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def test_the_next_two_are_named_and_nothing_is_claimed(reader, site, people):
    cases = [make_case(site, people.clinician, due_at=due(hours)) for hours in (1, 2, 3)]
    claim(case=cases[1], reader=people.clinician2)
    answer = reader.get("/next/pictures/", {"case": str(cases[0].pk)})
    assert answer.json() == {"pictures": [f"/images/{cases[2].first_image.pk}/display/"]}
    answer = reader.get("/next/pictures/", {"view": "order=desc"})
    assert answer.json()["pictures"] == [
        f"/images/{cases[at].first_image.pk}/display/" for at in (2, 0)
    ]
    assert Reading.objects.count() == 1


def test_in_a_busy_room_the_pictures_of_free_cases_are_fetched(reader, people, site, settings):
    settings.CALLUS_CLAIMS_PER_READER = 40
    for number in range(25):
        make_reading(make_case(site, people.clinician, due_at=due(1 + number)), people.clinician2)
    free = [make_case(site, people.clinician, due_at=due(hours)) for hours in (50, 51, 52)]
    assert reader.get("/next/pictures/").json()["pictures"] == [
        f"/images/{case.first_image.pk}/display/" for case in free[:2]
    ]


def test_the_pictures_come_in_the_readers_own_order(reader, people, site, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    hidden_last = make_case(site, people.clinician, due_at=due(1), priority_due_at=due(9))
    first = make_case(site, people.clinician, due_at=due(5), priority_due_at=due(6))
    answer = reader.get("/next/pictures/")
    assert answer.json()["pictures"] == [
        f"/images/{case.first_image.pk}/display/" for case in (first, hidden_last)
    ]
    assert reader.get("/next/pictures/", {"view": "sort=class"}).json() == {"pictures": []}
