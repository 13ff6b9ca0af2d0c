"""Ready lists: each counts what its view shows, in one statement, and no further than 1,000."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_case
from triage.disclosure import disclosure_for
from triage.review.claims import claim
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.worklist import ready_lists as module
from triage.worklist.ready_lists import ready_lists

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def cases(site, people):
    """Of each list at least one: the counts of the reviewer are those of ``WANTED``."""
    late = timezone.now() - timedelta(hours=2)
    sender = people.clinician
    make_case(site, sender, received_at=late, due_at=late + timedelta(hours=1))
    make_case(site, sender, finding={"call": "doubt"})
    make_case(site, sender, CaseState.FAILED)
    make_case(site, sender, CaseState.THIRD, third_because=["first"])
    make_case(site, people.reviewer, finding={"call": "negative"})
    claim(case=make_case(site, sender, finding={"call": "negative"}), reader=people.reviewer)
    claim(case=make_case(site, sender, finding={"call": "negative"}), reader=people.clinician2)
    for reader in (people.reviewer, people.clinician2):
        sign(case=make_case(site, sender), reader=reader, given=GivenOpinion("none"))


WANTED = {"next": 3, "to_read": 6, "suspected": 1, "in_doubt": 1, "late": 1, "failed": 1}
WANTED |= {"third": 1, "held": 1, "read_today": 1}


def counted(person):
    return ready_lists(person, disclosure_for(person).sortable)


def test_a_list_counts_what_its_view_shows(cases, people):
    assert {entry.ready.name: entry.count for entry in counted(people.reviewer)} == WANTED
    for entry in counted(people.reviewer):
        assert len(entry.query.page(people.reviewer).cases) == entry.count, entry.ready.name
        assert not entry.is_more
    assert {entry.count for entry in counted(people.stranger)} == {0}


def test_they_cost_one_statement(cases, people, django_assert_num_queries):
    sortable = disclosure_for(people.reviewer).sortable
    with django_assert_num_queries(1):
        ready_lists(people.reviewer, sortable)


def test_they_count_no_further_than_the_cap(cases, people, monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 3)
    found = {entry.ready.name: (entry.count, entry.is_more) for entry in counted(people.reviewer)}
    assert (found["to_read"], found["next"], found["late"]) == ((3, True), (3, False), (1, False))
