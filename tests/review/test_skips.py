"""A skipped case is there for others, and the reader's own Next leaves it out for a while."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from tests.factories import make_case, make_reading
from triage.models import Reading, Skip
from triage.review.claims import claim
from triage.review.next_case import NothingLeft, take_next
from triage.review.skips import skip_case
from triage.worklist.of_reader import LEFT_OUT
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def taken(reader):
    return take_next(reader=reader, query=WorklistQuery()).case


def test_a_skipped_case_is_left_out_for_this_reader_alone(people, case):
    claim(case=case, reader=people.reviewer)
    skip_case(case=case, reader=people.reviewer, reason=" I know him. ")
    assert Skip.objects.get().reason == "I know him."
    assert not Reading.objects.going_on().exists()
    with pytest.raises(NothingLeft):
        taken(people.reviewer)
    assert taken(people.clinician2) == case
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["case.claimed", "case.released", "case.skipped", "case.claimed"]
    assert "I know him" not in str(AuditEntry.objects.values_list("detail"))


def test_after_a_shift_next_offers_it_again(people, case):
    skip_case(case=case, reader=people.reviewer)
    Skip.objects.update(skipped_at=timezone.now() - LEFT_OUT - timedelta(minutes=1))
    assert taken(people.reviewer) == case


def test_the_list_of_what_next_offers_leaves_it_out_too(people, case):
    skip_case(case=case, reader=people.reviewer)
    offered, usual = WorklistQuery.from_params({"free": "1"}), WorklistQuery()
    assert offered.page(people.reviewer).cases == []
    assert offered.page(people.clinician2).cases == [case]
    assert usual.page(people.reviewer).cases == [case]


def test_what_one_may_not_sign_one_does_not_skip(site, people, case):
    with pytest.raises(NotPermitted):
        skip_case(case=case, reader=people.clinician)
    make_reading(case, people.clinician2)
    with pytest.raises(Conflict):
        skip_case(case=case, reader=people.reviewer)
    with pytest.raises(Refused):
        skip_case(case=make_case(site, people.clinician), reader=people.reviewer, reason="x" * 501)
    assert not Skip.objects.exists()


@pytest.mark.parametrize("reason", ["x" * 501, "a\0b"])
def test_a_reason_that_can_not_be_kept_is_refused(people, case, reason):
    with pytest.raises(Refused):
        skip_case(case=case, reader=people.reviewer, reason=reason)
    assert not Skip.objects.exists()
