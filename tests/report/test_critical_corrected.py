"""A critical result whose opinion is corrected, or decided over, while it waits."""

from dataclasses import replace

import pytest

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from tests.factories import make_case, make_member
from tests.report.test_critical_results import BROKEN, DISLOCATED, WHOLE, later, notified
from triage.models import CriticalResult, ReadingRules
from triage.report.critical_list import critical_waiting_for
from triage.report.critical_results import acknowledge, notify_due
from triage.review.interim import record_interim_opinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def waiting(case, people):
    sign(case=case, reader=people.reviewer, given=DISLOCATED)
    return CriticalResult.objects.get()


def test_a_correction_that_makes_it_critical_opens_one(case, people):
    review = sign(case=case, reader=people.reviewer, given=BROKEN)
    corrected = correct(review=review, reader=people.reviewer, given=DISLOCATED)
    assert CriticalResult.objects.get().review == corrected


def test_a_correction_of_what_waits_or_was_noted_opens_no_second_one(waiting, people):
    first = correct(
        review=waiting.review, reader=people.reviewer, given=replace(DISLOCATED, comment="Twice.")
    )
    assert CriticalResult.objects.get().review == first
    acknowledge(result=waiting, actor=people.clinician, review_id=first.pk)
    correct(review=first, reader=people.reviewer, given=replace(DISLOCATED, comment="Thrice."))
    assert CriticalResult.objects.count() == 1


@pytest.mark.parametrize("now", [DISLOCATED, WHOLE], ids=["still critical", "not critical"])
def test_a_correction_of_what_waits_is_notified_from_the_first_step_on(waiting, people, now):
    for _ in range(2):
        notify_due()
        later(15)
    corrected = correct(
        review=waiting.review, reader=people.reviewer, given=replace(now, comment="Look again.")
    )
    changed = AuditEntry.objects.get(verb="critical.changed").detail
    assert changed["before"] == {"review": str(waiting.review_id), "step": 2}
    assert changed["after"] == {"review": str(corrected.pk), "step": 2}
    waiting.refresh_from_db()
    assert (waiting.review, waiting.is_waiting) == (corrected, True)
    assert notify_due() == 1
    assert notified(3) == ["Clara Clinician"], "The sender again, whom the first step names."
    later(15)
    notify_due()
    assert notified(4) == ["Carl Clinician", "Clara Clinician"]
    assert {*critical_waiting_for(people.clinician2)} == {waiting}, "Who was told stays told."


def test_nobody_takes_note_of_an_opinion_that_was_corrected_meanwhile(waiting, people):
    read = waiting.review_id
    corrected = correct(review=waiting.review, reader=people.reviewer, given=WHOLE)
    with pytest.raises(Conflict, match="was corrected since you opened"):
        acknowledge(result=waiting, actor=people.clinician, review_id=read)
    with pytest.raises(Refused, match="Say which signed opinion you read"):
        acknowledge(result=waiting, actor=people.clinician, review_id=None)
    assert CriticalResult.objects.get().is_waiting
    acknowledge(result=waiting, actor=people.clinician, review_id=corrected.pk)


@pytest.fixture
def third_decides(site, people):
    """Every final opinion that differs from the interim one goes to a third reader."""
    ReadingRules.objects.create(site=site, third_if_interim_differs=True)


def test_a_third_opinion_takes_the_place_of_what_waits(third_decides, case, site, people):
    record_interim_opinion(
        case=case, author=people.clinician, interim_fracture="none", treated_as="soft_tissue"
    )
    second = sign(case=case, reader=people.reviewer, given=DISLOCATED)
    result = CriticalResult.objects.get()
    notify_due()
    reader = make_member(site, Role.CLINICIAN, name="Theo Third")
    third = sign(case=case, reader=reader, given=WHOLE)
    result.refresh_from_db()
    assert (result.review, result.is_waiting) == (third, True)
    assert notify_due() == 1
    for signer in (people.reviewer, reader):
        assert not critical_waiting_for(signer).exists()
        with pytest.raises(NotPermitted, match="You signed it"):
            acknowledge(result=result, actor=signer, review_id=third.pk)
    with pytest.raises(Conflict):
        correct(review=second, reader=people.reviewer, given=BROKEN)


@pytest.mark.parametrize("now", [BROKEN, WHOLE], ids=["other types", "no fracture"])
def test_who_took_note_hears_of_an_opinion_that_says_something_else(waiting, people, now):
    """They acted on the first one. Critical or not, the second must reach them."""
    acknowledge(result=waiting, actor=people.clinician, review_id=waiting.review_id)
    corrected = correct(review=waiting.review, reader=people.reviewer, given=now)
    again = CriticalResult.objects.waiting().get()
    assert (again.review, again.by_reader) == (corrected, False)
    assert notify_due() == 1


def test_who_took_note_hears_of_a_third_opinion(third_decides, case, site, people):
    record_interim_opinion(
        case=case, author=people.clinician, interim_fracture="none", treated_as="soft_tissue"
    )
    second = sign(case=case, reader=people.reviewer, given=DISLOCATED)
    result = CriticalResult.objects.get()
    acknowledge(result=result, actor=people.clinician, review_id=second.pk)
    reader = make_member(site, Role.CLINICIAN, name="Theo Third")
    third = sign(case=case, reader=reader, given=WHOLE)
    assert CriticalResult.objects.waiting().get().review == third


def test_nobody_takes_note_of_what_is_hidden_from_them(waiting, site, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    rita = make_member(site, Role.CLINICIAN, name="Rita Second")
    with pytest.raises(NotPermitted) as refused:
        acknowledge(result=waiting, actor=rita, review_id=waiting.review_id)
    assert refused.value.code == "opinion_hidden"


@pytest.mark.parametrize(("given", "ticked"), [(WHOLE, True), (DISLOCATED, False)])
def test_no_event_says_why_it_is_critical(case, people, given, ticked):
    """What no reader ticked is a fracture by the site's table: the event would say what was signed."""
    first = sign(case=case, reader=people.reviewer, given=given, critical=ticked)
    correct(review=first, reader=people.reviewer, given=BROKEN, critical=ticked)
    events = AuditEntry.objects.filter(verb__in=("critical.opened", "critical.changed"))
    assert [entry.detail["untold"] for entry in events] == [["by_reader"]] * 2
    assert not any({*entry.detail} & {"by_reader"} for entry in events)
