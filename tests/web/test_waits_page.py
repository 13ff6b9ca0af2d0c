"""The table of allowed waits, as its page."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.models import WaitRule
from triage.vocabulary import FractureClass, Priority

pytestmark = pytest.mark.usefixtures("storage")


def form(**changes):
    values = {f"priority_{value}": 600 for value in Priority.values}
    for name in FractureClass.values:
        values |= {f"class_{name}": 300, f"from_{name}": 0.5}
    return values | changes


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


def test_saving_redates_the_open_cases_and_says_how_many(site, people, admin):
    case = make_case(site, people.clinician, top="spiral", confidence=0.8)
    url = reverse("waits", args=[site.slug])
    page = admin.post(url, form(class_spiral=45), follow=True).content.decode()
    assert "1 open case has another deadline now" in page
    case.refresh_from_db()
    assert (case.due_at - case.received_at).total_seconds() == 45 * 60
    assert 'value="45"' in page


@pytest.mark.parametrize(
    "changes", [{"priority_0": 0}, {"class_spiral": "soon"}, {"from_spiral": 1.5}]
)
def test_a_wait_that_can_not_be_meant_changes_nothing(site, admin, changes):
    answer = admin.post(reverse("waits", args=[site.slug]), form(**changes))
    assert answer.status_code == 400
    assert not WaitRule.objects.exists()
