"""Critical results: what is one, whom it waits for, and that somebody takes note of it."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from accounts.services.people import end_membership
from tests.factories import make_case, make_member, make_people, make_site
from triage.models import CriticalResult, Notice, Reading
from triage.models.call_back import Owner
from triage.report.critical_list import critical_waiting_for
from triage.report.critical_results import acknowledge, notify_due
from triage.report.critical_rules import set_critical_table
from triage.report.notice_choice import choose_notices
from triage.report.to_do import to_do_of
from triage.review.critical_table import DEFAULTS, Matches, Step, critical_table, is_critical
from triage.review.differences import Signed
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import Conclusion

pytestmark = pytest.mark.usefixtures("storage")

BROKEN = GivenOpinion("certain", ("hairline",))
DISLOCATED = GivenOpinion("certain", ("fracture_dislocation",))
WHOLE = GivenOpinion("none")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def waiting(case, people):
    sign(case=case, reader=people.reviewer, given=DISLOCATED)
    return CriticalResult.objects.get()


def later(minutes):
    """Lets ``minutes`` pass for what waits."""
    gone = timedelta(minutes=minutes)
    CriticalResult.objects.waiting().update(next_at=F("next_at") - gone)


def notified(step):
    people = Notice.objects.filter(step=step).values_list("person__name", flat=True)
    return sorted(people)


@pytest.mark.parametrize(
    ("signed", "part", "critical"),
    [
        (Signed(Conclusion.FRACTURE, ["spiral"]), "WRIST", True),
        (Signed(Conclusion.FRACTURE, ["spiral"], possible=True), "WRIST", False),
        (Signed(Conclusion.FRACTURE, ["oblique"]), "WRIST", False),
        (Signed(Conclusion.FRACTURE, []), "SKULL", True),
        (Signed(Conclusion.FRACTURE, [], possible=True), "SKULL", True),
        (Signed(Conclusion.FRACTURE, ["oblique", "avulsion"]), "HIP", True),
        (Signed(Conclusion.FRACTURE, ["avulsion"]), "KNEE", False),
        (Signed(Conclusion.NO_FRACTURE), "SKULL", False),
        (Signed(Conclusion.NOT_ASSESSABLE), "SKULL", False),
    ],
)
def test_the_table_is_type_by_part_by_certainty(signed, part, critical):
    table = [
        Matches("spiral"),
        Matches(body_part="SKULL", also_possible=True),
        Matches("avulsion", "HIP"),
    ]
    assert is_critical(signed, part, table) is critical


def test_a_critical_opinion_waits_with_its_signature(waiting, case, people):
    assert (waiting.is_waiting, waiting.by_reader, waiting.step) == (True, False, 0)
    assert to_do_of(people.clinician).critical == 1
    verbs = AuditEntry.objects.filter(site=case.site).order_by("id").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["review.signed", "critical.opened"]


def test_any_other_opinion_waits_for_nobody(case, people):
    sign(case=case, reader=people.reviewer, given=BROKEN)
    assert not CriticalResult.objects.exists()


def test_who_only_read_it_blind_hears_of_it_and_may_take_note(site, people):
    """A first reading is nobody's answer: its reader has notified nobody, and is one of the clinicians."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    lock_first_reading(case=case, reader=people.clinician2, given=WHOLE)
    Reading.objects.update(claimed_until="2026-01-01T00:00:00Z")
    lock_first_reading(case=case, reader=people.reviewer, given=WHOLE)
    sign(case=case, reader=people.reviewer, given=DISLOCATED)
    result = CriticalResult.objects.get()
    notify_due()
    later(30)
    notify_due()
    assert people.clinician2.name in notified(2)
    assert list(critical_waiting_for(people.clinician2)) == [result]
    assert acknowledge(result=result, actor=people.clinician2, review_id=result.review_id)


def test_the_readers_tick_makes_any_opinion_critical(case, people):
    sign(case=case, reader=people.reviewer, given=WHOLE, critical=True)
    assert CriticalResult.objects.get().by_reader


def test_steps_are_taken_one_after_the_other_until_somebody_takes_note(waiting, site, people):
    assert notify_due() == 1
    assert notified(1) == ["Clara Clinician"]
    assert notify_due() == 0
    later(14)
    assert notify_due() == 0
    later(1)
    assert notify_due() == 1
    assert notified(2) == ["Carl Clinician", "Clara Clinician"]
    second = make_member(site, Role.REVIEWER, name="Rosa Reviewer")
    later(15)
    notify_due()
    assert notified(3) == ["Rosa Reviewer"], "Who signed it isn't asked to take note of it."
    later(30)
    notify_due()
    assert notified(4) == ["Rosa Reviewer"], "The last step comes again."
    acknowledge(result=waiting, actor=second, review_id=waiting.review_id)
    later(60)
    assert notify_due() == 0


def test_who_took_note_and_when_is_kept(waiting, people):
    done = acknowledge(
        result=waiting,
        actor=people.clinician2,
        review_id=waiting.review_id,
        words="Theatre informed",
    )
    assert (done.acknowledged_by, done.words) == (people.clinician2, "Theatre informed")
    with pytest.raises(Conflict, match="Carl Clinician took note"):
        acknowledge(result=waiting, actor=people.clinician, review_id=waiting.review_id)


def test_who_signed_it_and_who_has_no_part_in_it_take_no_note(waiting, people):
    for who in (people.reviewer, people.admin, people.service, people.stranger):
        with pytest.raises(NotPermitted):
            acknowledge(result=waiting, actor=who, review_id=waiting.review_id)
    assert CriticalResult.objects.get().is_waiting


def test_a_reviewer_takes_note_once_it_waits_for_reviewers(waiting, site, people):
    other = make_member(site, Role.REVIEWER)
    with pytest.raises(NotPermitted):
        acknowledge(result=waiting, actor=other, review_id=waiting.review_id)
    for _ in range(3):
        notify_due()
        later(60)
    assert [*critical_waiting_for(other)] == [waiting]
    assert (
        acknowledge(result=waiting, actor=other, review_id=waiting.review_id).acknowledged_by
        == other
    )


def test_a_sender_who_left_is_replaced_by_the_clinicians(case, people):
    end_membership(membership=people.clinician.memberships.get(), actor=people.admin)
    sign(case=case, reader=people.reviewer, given=DISLOCATED)
    assert to_do_of(people.clinician2).critical == 1
    notify_due()
    assert notified(1) == ["Carl Clinician"]


def test_a_program_that_sent_it_gets_no_mail(site, people):
    sign(case=make_case(site, people.service), reader=people.reviewer, given=DISLOCATED)
    notify_due()
    assert notified(1) == ["Carl Clinician", "Clara Clinician"]


def test_who_turned_mails_off_gets_none_and_still_sees_it(waiting, people):
    choose_notices(person=people.clinician, by_email=False)
    notify_due()
    assert notified(1) == []
    assert to_do_of(people.clinician).critical == 1
    choose_notices(person=people.clinician, by_email=True)
    later(15)
    notify_due()
    assert "Clara Clinician" in notified(2)


def test_the_site_says_what_is_critical_and_who_comes_after_whom(case, site, people):
    rules, steps = [Matches("hairline")], [Step(Owner.REVIEWER, 5)]
    set_critical_table(site=site, rules=rules, steps=steps, actor=people.admin)
    assert critical_table(site.pk).rules == rules
    sign(case=case, reader=people.reviewer, given=BROKEN)
    result = CriticalResult.objects.get()
    assert result.notified_roles == [Owner.REVIEWER]


def test_only_an_admin_of_the_site_edits_the_table_and_it_holds_together(site, people):
    whole = {"rules": DEFAULTS.rules, "steps": DEFAULTS.steps}
    for who in (people.clinician, people.stranger, people.staff):
        with pytest.raises(NotPermitted):
            set_critical_table(site=site, **whole, actor=who)
    for wrong in ({"steps": []}, {"rules": [Matches("spiral"), Matches("spiral", "", True)]}):
        with pytest.raises(Refused):
            set_critical_table(site=site, **{**whole, **wrong}, actor=people.admin)
    assert critical_table(site.pk) is DEFAULTS


def test_history_is_refused_by_the_database(waiting, people):
    acknowledge(result=waiting, actor=people.clinician, review_id=waiting.review_id)
    for change in (
        lambda rows: rows.update(words="x"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(CriticalResult.objects.filter(pk=waiting.pk))


def test_two_workers_at_once_take_a_step_once(committed_db):
    site = make_site()
    people = make_people(site, make_site())
    case = make_case(site, people.clinician)
    sign(case=case, reader=people.reviewer, given=DISLOCATED)
    taken, begin = [], threading.Barrier(4)

    def work():
        begin.wait()
        taken.append(notify_due())
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (sum(taken), Notice.objects.count()) == (1, 1)
    result = CriticalResult.objects.annotate(now=Now()).get()
    assert result.step == 1 and result.next_at > result.now
