"""What a reader holds, has signed last and has read today: one rule each, wherever it is asked for."""

import pytest
from django.http import QueryDict

from accounts.models import Membership
from accounts.roles import Role
from tests.factories import make_case, make_membership, make_reading
from triage.disclosure import Sortable
from triage.models import Case, Reading, Review
from triage.review.claim_limit import held_by
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.previous import last_signed, previous_of
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.worklist.of_reader import held_by as held_in_list
from triage.worklist.of_reader import read_today_by
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")
NONE = GivenOpinion("none")


def make_blind(site, people):
    return make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)


def read_today(reader):
    return list(Case.objects.filter(read_today_by(reader)))


def test_a_locked_first_reading_is_no_signed_opinion(site, people):
    """It stays one where another reader signs: the case is none of theirs to go back to."""
    case = make_blind(site, people)
    lock_first_reading(case=case, reader=people.reviewer, given=NONE)
    assert previous_of(people.reviewer) is None
    Reading.objects.update(claimed_until="2026-01-01T00:00:00Z")
    lock_first_reading(case=case, reader=people.clinician2, given=NONE)
    sign(case=case, reader=people.clinician2, given=NONE)
    assert list(last_signed(people.reviewer)) == read_today(people.reviewer) == []
    assert previous_of(people.clinician2) == case.pk
    assert read_today(people.clinician2) == [case]


def test_each_case_is_named_once_and_corrections_change_nothing(
    site, people, django_assert_num_queries
):
    cases = [make_blind(site, people) for _ in range(3)]
    for case in cases:
        lock_first_reading(case=case, reader=people.reviewer, given=NONE)
        review = sign(case=case, reader=people.reviewer, given=NONE)
    correct(review=review, reader=people.reviewer, given=GivenOpinion("possible"))
    assert [review.case_id for review in last_signed(people.reviewer)] == [
        case.pk for case in reversed(cases)
    ]
    assert Review.objects.count() == 7
    with django_assert_num_queries(1) as asked:
        assert previous_of(people.reviewer, cases[2].pk) == cases[1].pk
    assert "comment" not in asked[0]["sql"]


def test_what_one_holds_is_the_same_for_the_limit_and_the_list(site, other_site, people):
    held = [make_case(site, people.clinician) for _ in range(2)]
    for case in held:
        make_reading(case, people.reviewer)
    make_reading(make_case(site, people.clinician), people.clinician2)
    make_reading(make_case(site, people.clinician), people.reviewer, seconds=-1)
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    make_reading(make_case(other_site, people.stranger), people.reviewer)
    Membership.objects.filter(user=people.reviewer, site=other_site).delete()
    own = WorklistQuery.from_params(QueryDict("mine=1")).listing(people.reviewer, Sortable())
    listed = {case.pk for case in own.page(None).cases}
    assert listed == {case.pk for case in held}
    assert {case.pk for case in held_by(people.reviewer)} == listed
    visible = Case.objects.visible_to(people.reviewer)
    assert {case.pk for case in visible.filter(held_in_list(people.reviewer))} == listed
