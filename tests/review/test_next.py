"""Next takes the most urgent case that the reader may sign and nobody holds."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from tests.factories import make_case, make_membership, make_reading
from triage.models import Reading
from triage.models.reading import Ended
from triage.review import next_case
from triage.review.claims import claim
from triage.review.next_case import NothingLeft, take_next
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")


def query(text=""):
    return WorklistQuery.from_params(QueryDict(text))


def due(hours):
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def cases(site, people):
    """Three that wait, the most urgent first."""
    return [make_case(site, people.clinician, due_at=due(hours)) for hours in (1, 2, 3)]


def taken(reader, text="", **more):
    return take_next(reader=reader, query=query(text), **more).case


def test_the_most_urgent_case_is_claimed_with_its_event(people, cases):
    reading = take_next(reader=people.reviewer, query=query())
    assert (reading.case, reading.reader, reading.is_claimed) == (cases[0], people.reviewer, True)
    entry = AuditEntry.objects.get(verb="case.claimed")
    assert (entry.subject_id, entry.actor) == (str(cases[0].pk), people.reviewer)
    assert taken(people.clinician2) == cases[1]
    assert taken(people.reviewer) == cases[2]
    with pytest.raises(NothingLeft):
        taken(people.reviewer)


def test_it_follows_filter_and_order_of_the_view(site, people, cases):
    stat = make_case(site, people.clinician, due_at=due(9), priority=Priority.STAT)
    assert taken(people.reviewer, "priority=stat") == stat
    assert taken(people.reviewer, "order=desc") == cases[2]
    with pytest.raises(NothingLeft):
        taken(people.reviewer, "priority=stat")
    with pytest.raises(NothingLeft):
        taken(people.reviewer, "state=reviewed")


def test_what_a_reader_may_not_sign_is_passed_over(site, other_site, people, cases):
    make_case(site, people.reviewer, due_at=due(0.1))  # their own
    make_membership(people.reviewer, other_site, Role.SERVICE)  # reads there, signs nothing
    make_case(other_site, people.stranger, due_at=due(0.2))
    make_case(site, people.clinician, CaseState.REVIEWED, due_at=due(0.3))
    assert taken(people.reviewer, besides=cases[0].pk) == cases[1]


def test_a_claim_that_ran_out_holds_nothing_and_ends_with_its_event(people, cases):
    lapsed = make_reading(cases[0], people.clinician2, seconds=-1)
    assert taken(people.reviewer) == cases[0]
    lapsed.refresh_from_db()
    assert lapsed.ended == Ended.LAPSED
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["case.claim_lapsed", "case.claimed"]


def test_a_reader_holds_no_more_than_they_may(people, cases, settings):
    settings.CALLUS_CLAIMS_PER_READER = 2
    taken(people.reviewer), taken(people.reviewer)
    with pytest.raises(Conflict) as refused:
        taken(people.reviewer)
    assert refused.value.code == "too_many_claims"
    assert cases[0].name in str(refused.value) and cases[1].name in str(refused.value)
    with pytest.raises(Conflict):
        claim(case=cases[2], reader=people.reviewer)
    claim(case=cases[0], reader=people.reviewer)  # their own is renewed all the same
    Reading.objects.filter(case=cases[1]).update(claimed_until=timezone.now())
    assert taken(people.reviewer) == cases[1]


def test_among_the_cases_that_one_holds_the_next_is_one_of_them(people, cases):
    claim(case=cases[1], reader=people.reviewer)
    claim(case=cases[2], reader=people.reviewer)
    claim(case=cases[0], reader=people.clinician2)
    assert taken(people.reviewer, "mine=1") == cases[1]
    assert taken(people.reviewer, "mine=1", besides=cases[1].pk) == cases[2]
    assert Reading.objects.count() == 3


def test_who_signs_nowhere_is_told_so(people, cases):
    with pytest.raises(NotPermitted):
        taken(people.service)


def test_the_order_reveals_nothing_that_is_hidden(site, people, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    first = make_case(site, people.clinician, due_at=due(5), priority_due_at=due(6))
    make_case(site, people.clinician, due_at=due(1), priority_due_at=due(7))
    assert taken(people.reviewer) == first
    with pytest.raises(Refused):
        taken(people.reviewer, "sort=class")


def test_a_long_row_of_held_cases_is_gone_past(site, people, monkeypatch):
    monkeypatch.setattr(next_case, "FIRST", 2)
    monkeypatch.setattr(next_case, "FURTHER", 2)
    for hours in range(1, 8):
        case = make_case(site, people.clinician, due_at=due(hours))
        make_reading(case, people.clinician2)
    free = make_case(site, people.clinician, due_at=due(9))
    assert taken(people.reviewer) == free
