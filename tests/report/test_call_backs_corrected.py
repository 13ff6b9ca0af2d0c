"""A call-back whose opinion is corrected, while it is open or afterwards."""

from dataclasses import replace

import pytest

from accounts.models import AuditEntry
from accounts.refusals import Conflict, Refused
from tests.factories import make_case
from tests.report.test_call_backs import BROKEN, DISLOCATED, WHOLE, closed, thought
from triage.models import CallBack
from triage.models.call_back import CallBackReason
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def missed(case, people):
    """The open call-back of a fracture that was missed."""
    thought(case, people.clinician)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    return CallBack.objects.get()


def test_a_correction_that_makes_it_differ_opens_one(case, people):
    thought(case, people.clinician)
    review = sign(case=case, reader=people.reviewer, given=WHOLE)
    assert not CallBack.objects.exists()
    corrected = correct(review=review, reader=people.reviewer, given=BROKEN)
    assert CallBack.objects.get().review == corrected


def test_a_correction_that_says_the_same_changes_the_opinion_alone(missed, people):
    given = replace(BROKEN, comment="Seen twice.")
    corrected = correct(review=missed.review, reader=people.reviewer, given=given)
    again = CallBack.objects.get()
    assert (again.review, again.act_by, again.reason) == (corrected, missed.act_by, missed.reason)


def test_a_graver_correction_makes_the_open_one_due_sooner(missed, people):
    corrected = correct(review=missed.review, reader=people.reviewer, given=DISLOCATED)
    graver = CallBack.objects.get()
    assert (graver.reason, graver.review) == (CallBackReason.DISLOCATION_MISSED, corrected)
    assert graver.act_by < missed.act_by


def test_a_correction_that_takes_it_back_leaves_the_end_to_a_person(missed, people):
    corrected = correct(review=missed.review, reader=people.reviewer, given=WHOLE)
    still = CallBack.objects.get()
    assert (still.is_open, still.review, still.reason) == (True, corrected, missed.reason)
    changed = AuditEntry.objects.get(verb="callback.changed").detail
    assert changed["after"]["review"] == str(corrected.pk)


def test_nobody_closes_it_who_has_not_read_the_correction(missed, people):
    by = {"actor": people.clinician, "outcome": "informed"}
    corrected = correct(review=missed.review, reader=people.reviewer, given=WHOLE)
    with pytest.raises(Conflict, match="was corrected since you opened"):
        closed(missed, **by)
    with pytest.raises(Refused, match="Say which signed opinion you read"):
        closed(missed, review_id=None, **by)
    assert CallBack.objects.get().is_open
    assert closed(missed, review_id=corrected.pk, **by).outcome == "informed"


def test_a_closed_one_is_followed_by_a_new_one(missed, people):
    closed(missed, actor=people.clinician, outcome="comes_back")
    correct(review=missed.review, reader=people.reviewer, given=DISLOCATED)
    assert CallBack.objects.count() == 2
    assert CallBack.objects.going_on().get().reason == CallBackReason.DISLOCATION_MISSED


@pytest.mark.parametrize("now", [WHOLE, GivenOpinion("not_assessable")], ids=["none", "unknown"])
def test_who_was_called_back_hears_that_it_is_not_so(missed, people, now):
    """The patient was told of a fracture that nobody sees any more."""
    closed(missed, actor=people.clinician, outcome="informed")
    corrected = correct(review=missed.review, reader=people.reviewer, given=now)
    again = CallBack.objects.going_on().get()
    assert (again.review, again.reason) == (corrected, CallBackReason.CHANGED_SINCE)
    closed(again, actor=people.clinician, outcome="informed")
    correct(review=corrected, reader=people.reviewer, given=replace(now, comment="Sure."))
    assert not CallBack.objects.going_on().exists()
