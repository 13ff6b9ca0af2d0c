"""The order is a deadline, and the model may only shorten it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import NotPermitted, Refused
from tests.factories import make_case
from triage.models import Case, Prediction, Redating, Release, WaitRule
from triage.states import CaseState
from triage.vocabulary import FractureClass, Priority
from triage.worklist.case_summary import CasePredictions, strongest_prediction, summarize
from triage.worklist.deadlines import (
    DEFAULT_CLASS_MINUTES,
    CalledClass,
    WaitTable,
)
from triage.worklist.redating import redate
from triage.worklist.wait_rules import set_wait_rules


def rules(**class_minutes: int) -> list[WaitRule]:
    by_priority = [
        WaitRule(priority=Priority.STAT, minutes=20),
        WaitRule(priority=Priority.URGENT, minutes=120),
        WaitRule(priority=Priority.ROUTINE, minutes=600),
    ]
    by_class = [
        WaitRule(predicted_class=name, minutes=minutes, minimum_confidence=0.5)
        for name, minutes in class_minutes.items()
    ]
    return by_priority + by_class


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("name", FractureClass.values)
@pytest.mark.parametrize("confidence", [0.0, 0.39, 0.4, 1.0])
def test_the_model_never_lengthens_the_wait(site, priority, name, confidence):
    table = WaitTable.of(site.pk)
    said = CalledClass(name, confidence)
    assert table.allowed(priority, said) <= table.allowed(priority)


def test_a_case_in_doubt_waits_as_its_class_allows(site, people, storage):
    """Fracture dislocation 45 %, in doubt: 60 minutes from 40 %, as the waits page says."""
    table = WaitTable.of(site.pk)
    case = make_case(site, people.clinician, priority=Priority.ROUTINE)
    summarize(
        case, CasePredictions([prediction("fracture_dislocation", 0.45, call="doubt")]), table
    )
    assert case.due_at == case.received_at + timedelta(minutes=60)


@pytest.mark.parametrize(("minutes", "in_doubt"), [(1440, 720), (241, 120), (1, 1)])
def test_in_doubt_with_an_unsure_class_a_case_waits_half(site, minutes, in_doubt):
    WaitRule.objects.create(site=site, priority=Priority.ROUTINE, minutes=minutes)
    table = WaitTable.of(site.pk)
    unsure = CalledClass("fracture_dislocation", 0.1)
    assert table.allowed(Priority.ROUTINE, unsure) == timedelta(minutes=in_doubt)


def test_the_site_sets_its_own_wait_in_doubt(site):
    WaitRule.objects.create(site=site, priority=Priority.ROUTINE, minutes=600, doubt_minutes=600)
    WaitRule.objects.create(site=site, predicted_class="spiral", minutes=90, minimum_confidence=0.5)
    table = WaitTable.of(site.pk)

    def waits(confidence):
        return table.allowed(Priority.ROUTINE, CalledClass("spiral", confidence))

    assert (waits(0.49), waits(0.5)) == (timedelta(minutes=600), timedelta(minutes=90))


@pytest.mark.parametrize(
    "rule",
    [
        {"priority": Priority.STAT, "minutes": 30, "doubt_minutes": 31},
        {"priority": Priority.STAT, "minutes": 30, "doubt_minutes": 0},
        {"predicted_class": "spiral", "minutes": 30, "doubt_minutes": 15},
    ],
)
def test_the_database_keeps_no_longer_wait_in_doubt(site, rule):
    with pytest.raises(IntegrityError, match="wait_rule_doubt"), transaction.atomic():
        WaitRule.objects.create(site=site, **rule)


def test_a_confident_urgent_class_shortens_a_routine_wait(site):
    table = WaitTable.of(site.pk)
    minutes, minimum = DEFAULT_CLASS_MINUTES[FractureClass.FRACTURE_DISLOCATION]
    called = CalledClass("fracture_dislocation", minimum)
    assert table.allowed(Priority.ROUTINE, called) == timedelta(minutes=minutes)


@pytest.mark.parametrize("confidence", [0.1, 0.45])
def test_a_suspected_fracture_never_waits_longer_than_a_doubt(site, people, storage, confidence):
    table, due = WaitTable.of(site.pk), {}
    case = make_case(site, people.clinician, priority=Priority.ROUTINE)
    for call in ("positive", "doubt", "negative"):
        summarize(
            case,
            CasePredictions([prediction("fracture_dislocation", confidence, call=call)]),
            table,
        )
        due[call] = case.due_at
    assert due["positive"] == due["doubt"] < due["negative"]


def prediction(predicted_class, confidence, assessable=True, call="positive"):
    return Prediction(
        release=Release(call_is_usable=True),
        predicted_class=predicted_class,
        confidence=confidence,
        assessable=assessable,
        call=call,
    )


def test_of_equal_calls_the_most_urgent_counts(site):
    table = WaitTable.of(site.pk)
    mild, severe = prediction("hairline", 0.95), prediction("fracture_dislocation", 0.5)
    assert strongest_prediction(CasePredictions([mild, severe]), table, Priority.ROUTINE) is severe
    surer = prediction("fracture_dislocation", 0.6)
    assert strongest_prediction(CasePredictions([severe, surer]), table, Priority.ROUTINE) is surer


def test_where_no_fracture_is_seen_a_type_shortens_nothing(site, people):
    """A healthy wrist that looks most like a dislocation is not urgent for that."""
    table = WaitTable.of(site.pk)
    healthy = prediction("fracture_dislocation", 0.99, call="negative")
    mild = prediction("hairline", 0.6, call="positive")
    assert strongest_prediction(CasePredictions([healthy, mild]), table, Priority.ROUTINE) is mild
    case = make_case(site, people.clinician, priority=Priority.ROUTINE)
    summarize(case, CasePredictions([healthy]), table)
    assert case.due_at == case.received_at + table.allowed(Priority.ROUTINE)


def test_the_strongest_call_is_the_case_s(site):
    WaitRule.objects.create(site=site, priority=Priority.STAT, minutes=30, doubt_minutes=30)
    table = WaitTable.of(site.pk)
    none, doubt, some = (
        prediction("hairline", confidence, call=call)
        for confidence, call in ((0.9, "negative"), (0.8, "doubt"), (0.1, "positive"))
    )
    assert strongest_prediction(CasePredictions([none, doubt, some]), table, Priority.STAT) is some
    assert strongest_prediction(CasePredictions([none, doubt]), table, Priority.STAT) is doubt
    doubtful = prediction("spiral", 0.9, call="doubt")
    sure = prediction("spiral", 0.5, call="positive")
    assert strongest_prediction(CasePredictions([doubtful, sure]), table, Priority.ROUTINE) is sure
    surer = prediction("hairline", 0.35, call="doubt")
    unsure = prediction("hairline", 0.3, call="doubt")
    assert strongest_prediction(CasePredictions([unsure, surer]), table, Priority.ROUTINE) is surer


def test_a_picture_that_is_not_assessable_shortens_nothing(site):
    table = WaitTable.of(site.pk)
    refused = prediction("fracture_dislocation", 0.9, assessable=False)
    mild = prediction("hairline", 0.5)
    assert strongest_prediction(CasePredictions([refused, mild]), table, Priority.ROUTINE) is mild
    assert strongest_prediction(CasePredictions([refused]), table, Priority.ROUTINE) is refused
    assert strongest_prediction(CasePredictions([]), table, Priority.ROUTINE) is None


def test_a_changed_table_redates_open_cases_only(site, people, storage):
    received = timezone.now() - timedelta(hours=1)
    waiting = make_case(site, people.clinician, CaseState.RECEIVED, received_at=received)
    spiral = make_case(site, people.clinician, top="spiral", confidence=0.8, received_at=received)
    signed = make_case(site, people.clinician, CaseState.REVIEWED, received_at=received)
    before = signed.due_at

    set_wait_rules(site=site, rules=rules(spiral=90), actor=people.admin)
    redate()

    for case in (waiting, spiral, signed):
        case.refresh_from_db()
    assert Redating.objects.get().changed == 2
    assert waiting.due_at == received + timedelta(minutes=600)
    assert spiral.due_at == received + timedelta(minutes=90)
    assert signed.due_at == before
    for case in (waiting, spiral):  # what their priority alone gives, whatever the model says
        assert case.priority_due_at == received + timedelta(minutes=600)
    assert AuditEntry.objects.filter(verb="waits.changed", actor=people.admin).count() == 1


@pytest.mark.parametrize("call", ["positive", "doubt", "negative"])
def test_the_priority_s_deadline_reveals_nothing_of_the_model(site, people, storage, call):
    table = WaitTable.of(site.pk)
    case = make_case(site, people.clinician, priority=Priority.URGENT)
    summarize(case, CasePredictions([prediction("fracture_dislocation", 0.9, call=call)]), table)
    assert case.priority_due_at == case.received_at + table.allowed(Priority.URGENT)
    assert (case.due_at < case.priority_due_at) is (call != "negative")


def test_the_database_keeps_no_deadline_that_the_model_postponed(site, people, storage):
    case = make_case(site, people.clinician)
    later = case.priority_due_at + timedelta(minutes=1)
    with pytest.raises(IntegrityError, match="case_model_postpones_nothing"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(due_at=later)


def test_only_the_sites_admin_changes_its_waits(site, people):
    for person in (people.clinician, people.reviewer, people.stranger):
        with pytest.raises(NotPermitted):
            set_wait_rules(site=site, rules=rules(), actor=person)
    assert not WaitRule.objects.exists()


def test_every_priority_needs_a_wait(site, people):
    with pytest.raises(Refused) as refused:
        set_wait_rules(site=site, rules=rules()[:2], actor=people.admin)
    assert refused.value.code == "priority_missing"
