"""The call-back list: what opens a loop, who must act, and how it ends."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from accounts.services.people import end_membership
from tests.factories import make_case, make_member
from triage.models import CallBack, CallBackAttempt, CallBackRule
from triage.models.call_back import CallBackReason, Owner
from triage.report.call_back_list import call_backs_waiting_for
from triage.report.call_back_rules import set_call_back_rules
from triage.report.call_backs import close_call_back, record_attempt
from triage.report.to_do import to_do_of
from triage.review.call_back_table import DEFAULTS, call_back_table
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")

BROKEN = GivenOpinion("certain", ("spiral",))
DISLOCATED = GivenOpinion("certain", ("fracture_dislocation",))
WHOLE = GivenOpinion("none")
SENT_HOME = {"interim_fracture": "none", "treated_as": "soft_tissue"}
IN_PLASTER = {"interim_fracture": "fracture", "treated_as": "fracture"}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def thought(case, author, said=None):
    return record_interim_opinion(case=case, author=author, **(said or SENT_HOME))


@pytest.fixture
def missed(case, people):
    """The open call-back of a fracture that was missed."""
    thought(case, people.clinician)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    return CallBack.objects.get()


def closed(call_back, **given):
    """Closed by somebody who has read what is signed."""
    review_id = given.pop("review_id", call_back.review_id)
    return close_call_back(call_back=call_back, review_id=review_id, **given)


def rules(**changes):
    """The table as it begins, with ``reason=(is_on, owner, minutes)`` changed."""
    table = {reason: (rule.is_on, rule.owner, rule.minutes) for reason, rule in DEFAULTS.items()}
    return [
        CallBackRule(reason=reason, is_on=is_on, owner=owner, minutes=minutes)
        for reason, (is_on, owner, minutes) in {**table, **changes}.items()
    ]


def test_a_missed_fracture_opens_a_call_back_with_the_signature(missed, case, people):
    assert (missed.reason, missed.owner) == (CallBackReason.FRACTURE_MISSED, people.clinician)
    assert missed.act_by - missed.opened_at == timedelta(hours=4)
    verbs = AuditEntry.objects.filter(site=case.site).values_list("verb", flat=True)
    assert list(verbs.order_by("id"))[-2:] == ["review.signed", "callback.opened"]


def test_what_agrees_opens_none(case, people):
    thought(case, people.clinician, IN_PLASTER)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CallBack.objects.exists()


def test_without_an_interim_opinion_there_is_nothing_to_differ_from(case, people):
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CallBack.objects.exists()


def test_the_newest_interim_opinion_counts(case, people):
    thought(case, people.clinician)
    thought(case, people.clinician2, IN_PLASTER)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CallBack.objects.exists()


def test_a_signature_that_is_rolled_back_opens_none(case, people, monkeypatch):
    thought(case, people.clinician)
    monkeypatch.setattr("triage.review.services.emit", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CallBack.objects.exists()


def test_nobody_closes_what_is_hidden_from_them(missed, site, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    rita = make_member(site, Role.CLINICIAN, name="Rita Second")
    with pytest.raises(NotPermitted) as refused:
        closed(missed, actor=rita, outcome="informed")
    assert refused.value.code == "opinion_hidden"


def test_a_program_can_call_nobody(site, people):
    sent = make_case(site, people.service)
    thought(sent, people.service)
    sign(case=sent, reader=people.reviewer, given=BROKEN)
    assert CallBack.objects.get().owner_role == Role.CLINICIAN


def test_who_has_left_the_site_calls_nobody(case, site, people):
    thought(case, people.clinician)
    membership = people.clinician.memberships.get()
    end_membership(membership=membership, actor=people.admin)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert CallBack.objects.get().owner_role == Role.CLINICIAN


def test_the_sites_table_says_what_matters_who_acts_and_by_when(case, site, people):
    missed = CallBackReason.FRACTURE_MISSED
    table = rules(**{missed: (True, Owner.REVIEWER, 30)})
    set_call_back_rules(site=site, rules=table, actor=people.admin)
    thought(case, people.clinician)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    made = CallBack.objects.get()
    assert (made.owner_role, made.act_by - made.opened_at) == ("reviewer", timedelta(minutes=30))


def test_a_row_that_is_off_opens_none(case, site, people):
    off = rules(**{CallBackReason.FRACTURE_MISSED: (False, Owner.SENDER, 30)})
    set_call_back_rules(site=site, rules=off, actor=people.admin)
    thought(case, people.clinician)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CallBack.objects.exists()


def test_only_an_admin_of_the_site_edits_the_table_and_all_of_it(site, people):
    for who in (people.clinician, people.stranger, people.staff):
        with pytest.raises(NotPermitted):
            set_call_back_rules(site=site, rules=rules(), actor=who)
    with pytest.raises(Refused, match="one rule for each"):
        set_call_back_rules(site=site, rules=rules()[1:], actor=people.admin)
    assert call_back_table(site.pk) == DEFAULTS


def test_attempts_are_kept_and_the_end_needs_an_outcome(missed, people):
    for outcome in ("not_reached", "message_left", "reached"):
        record_attempt(call_back=missed, actor=people.clinician, outcome=outcome)
    with pytest.raises(Refused, match="with an outcome"):
        closed(missed, actor=people.clinician, outcome="")
    ended = closed(missed, actor=people.clinician, outcome="comes_back")
    assert (ended.closed_by, ended.attempts.count()) == (people.clinician, 3)
    with pytest.raises(Conflict):
        record_attempt(call_back=missed, actor=people.clinician, outcome="reached")
    with pytest.raises(Conflict):
        closed(missed, actor=people.clinician, outcome="informed")


def test_something_else_is_said_in_words(missed, people):
    with pytest.raises(Refused, match="in words"):
        record_attempt(call_back=missed, actor=people.clinician, outcome="other", words=" ")
    with pytest.raises(Refused, match="in words"):
        closed(missed, actor=people.clinician, outcome="other")


def test_every_clinician_of_the_site_may_act_and_nobody_else(missed, people):
    for who in (people.reviewer, people.admin, people.service, people.stranger):
        with pytest.raises(NotPermitted):
            record_attempt(call_back=missed, actor=who, outcome="reached")
    assert record_attempt(call_back=missed, actor=people.clinician2, outcome="reached")


def test_it_waits_for_its_owner_and_once_late_for_every_clinician(missed, site, people):
    assert [to_do_of(who).call_backs for who in (people.clinician, people.clinician2)] == [1, 0]
    CallBack.objects.update(act_by=Now() - timedelta(minutes=1))
    assert to_do_of(people.clinician2).call_backs == 1
    for who in (people.reviewer, people.admin, people.service, people.stranger, people.staff):
        assert to_do_of(who).call_backs == 0
    closed(missed, actor=people.clinician2, outcome="informed")
    assert to_do_of(people.clinician).call_backs == 0


def test_a_role_that_must_act_sees_it_at_its_own_site_only(missed, other_site, people):
    CallBack.objects.update(owner=None, owner_role=Role.REVIEWER)
    elsewhere = make_member(other_site, Role.REVIEWER)
    assert [*call_backs_waiting_for(people.reviewer)] == [missed]
    assert [*call_backs_waiting_for(elsewhere)] == []


def test_history_is_refused_by_the_database(missed, people):
    attempt = record_attempt(call_back=missed, actor=people.clinician, outcome="reached")
    ended = closed(missed, actor=people.clinician, outcome="comes_back")
    for change in (
        lambda: CallBackAttempt.objects.filter(pk=attempt.pk).update(words="x"),
        lambda: CallBack.objects.filter(pk=ended.pk).update(outcome="informed"),
        lambda: CallBack.objects.filter(pk=ended.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_one_that_is_open_has_no_outcome_and_one_that_ended_has(missed, people):
    for wrong in ({"outcome": "informed"}, {"closed_at": timezone.now()}, {"owner": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            CallBack.objects.update(**wrong)
