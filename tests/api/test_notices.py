"""What a person was notified of, over REST."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_case, make_critical_result
from triage.models import Notice
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def result(site, people):
    return make_critical_result(make_case(site, people.clinician, CaseState.REVIEWED))


def notices_of(person, result, number):
    """The last two at the same moment, as one step writes them."""
    now = timezone.now()
    return Notice.objects.bulk_create(
        Notice(
            critical_result=result,
            site=result.site,
            person=person,
            step=step,
            created_at=now + timedelta(seconds=step // 2),
        )
        for step in range(100, 100 + number)
    )


def test_everybody_reads_their_own_page_by_page(people, signed_in, result):
    made = notices_of(people.clinician, result, 101)
    notices_of(people.reviewer, result, 1)
    client, seen, address = signed_in(people.clinician), [], reverse("api_sent_notices")
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= 50
        seen += page["results"]
        address = page["next"]
    assert [row["step"] for row in seen][:4] == [200, 199, 198, 197]
    assert sorted(row["step"] for row in seen) == [notice.step for notice in made]
    row = seen[0]
    assert (row["critical_result"], row["call_back"]) == (str(result.pk), None)
    assert (row["state"], row["sent_at"], row["error"]) == ("waiting", None, "")


def test_a_damaged_address_is_refused(people, signed_in):
    answer = signed_in(people.clinician).get(reverse("api_sent_notices"), {"cursor": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("number", [1, 60])
def test_a_page_costs_as_much_with_many(
    people, signed_in, result, django_assert_num_queries, number
):
    notices_of(people.clinician, result, number)
    client = signed_in(people.clinician)
    with django_assert_num_queries(2):
        client.get(reverse("api_sent_notices"))
