"""A lead changes priorities, of one case or of many at once: event, deadline and reason of each."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Membership
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case, make_reading
from tests.readers import sign_as_shown
from triage.models import Case, PriorityChange
from triage.review import priority as module
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.priority import MOST_AT_ONCE, change_priorities, change_priority
from triage.states import CaseState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")
WHY = "Seen at the door"
STAT, ROUTINE = Priority.STAT, Priority.ROUTINE


@pytest.fixture
def lead(people):
    Membership.objects.filter(user=people.reviewer).update(roles=[Role.ADMIN, Role.REVIEWER])
    return people.reviewer


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician, finding={"call": "negative"})


def change(case, lead, to=STAT, reason=WHY):
    return change_priority(case=case, actor=lead, priority=to, reason=reason)


def test_the_deadline_follows_and_who_did_it_is_kept(case, lead):
    made = change(case, lead, reason=f" {WHY} ")
    case.refresh_from_db()
    assert case.priority == STAT
    assert case.due_at == case.priority_due_at == case.received_at + timedelta(minutes=30)
    assert (made.changed_by, made.old_priority, made.new_priority, made.reason) == (
        *(lead, ROUTINE, STAT, WHY),
    )
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.subject_id) == (
        *("case.priority_changed", lead, str(case.pk)),
    )
    assert (entry.detail["before"]["priority"], entry.detail["after"]["priority"]) == (
        *("routine", "stat"),
    )
    assert "priority_due_at" in entry.detail["untold"] and WHY not in str(entry.detail)


def test_the_model_shortens_the_new_wait_as_it_did_the_old_one(site, people, lead):
    case = make_case(site, people.clinician, top="spiral", confidence=0.9, priority=STAT)
    change(case, lead, ROUTINE)
    case.refresh_from_db()
    assert case.due_at == case.received_at + timedelta(hours=6)
    assert case.priority_due_at == case.received_at + timedelta(hours=24)
    assert case.predicted_class == "spiral"


@pytest.mark.parametrize("state", [CaseState.RECEIVED, CaseState.THIRD])
def test_a_blind_case_stays_due_by_its_priority_alone(site, people, lead, state):
    third = {"third_because": ["first"]} if state == CaseState.THIRD else {}
    case = make_case(site, people.clinician, state, is_blind=True, **third)
    before = {name: getattr(case, name) for name in ("call", "predicted_class", "confidence")}
    change(case, lead)
    case.refresh_from_db()
    assert case.due_at == case.priority_due_at == case.received_at + timedelta(minutes=30)
    assert {name: getattr(case, name) for name in before} == before


def test_who_has_seen_the_output_of_a_blind_case_moves_it_in_nobodys_list(site, people, lead):
    """Others read it blind: a place that follows what the model says would tell them."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(case, top="spiral", confidence=0.9)
    change(case, lead)
    lock_first_reading(case=case, reader=lead, given=GivenOpinion("none"))
    with pytest.raises(NotPermitted) as refused:
        change(case, lead, ROUTINE)
    assert refused.value.code == "has_seen_output"
    sign_as_shown(case, lead, GivenOpinion("certain"))
    with pytest.raises(Conflict):
        change(case, lead, ROUTINE)


def test_the_same_priority_writes_nothing(case, lead):
    assert change(case, lead, ROUTINE) is None
    assert not AuditEntry.objects.exists() and not PriorityChange.objects.exists()


@pytest.mark.parametrize("roles", [["reviewer"], ["admin"], ["clinician"], ["service"]])
def test_only_a_lead_changes_it(people, case, roles):
    Membership.objects.filter(user=people.reviewer).update(roles=roles)
    with pytest.raises(NotPermitted):
        change(case, people.reviewer)
    assert Case.objects.get().priority == ROUTINE


def test_a_closed_case_keeps_its_priority(site, people, lead):
    with pytest.raises(Conflict) as refused:
        change(make_case(site, people.clinician, CaseState.REVIEWED), lead)
    assert refused.value.code == "case_closed"


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\0b"])
def test_it_needs_a_reason_that_can_be_kept(case, lead, reason):
    for act in (
        lambda: change(case, lead, reason=reason),
        lambda: change_priorities(case_ids=[case.pk], actor=lead, priority=STAT, reason=reason),
    ):
        with pytest.raises(Refused):
            act()
    assert Case.objects.get().priority == ROUTINE


def test_who_reads_the_case_goes_on(people, case, lead):
    reading = make_reading(case, people.clinician2)
    change(case, lead)
    assert Case.objects.get().reading == reading


@pytest.fixture
def several(site, other_site, people):
    """Two to change, one that has it, one that is closed, and one of another site."""
    sender = people.clinician
    return {
        "one": make_case(site, sender),
        "two": make_case(site, sender),
        "same": make_case(site, sender, priority=STAT),
        "closed": make_case(site, sender, CaseState.REVIEWED),
        "strange": make_case(other_site, people.stranger),
    }


def ids(several):
    return [case.pk for case in several.values()]


def test_each_is_changed_by_itself_and_the_refused_are_named(several, lead):
    result = change_priorities(case_ids=ids(several), actor=lead, priority=STAT, reason=WHY)
    assert result.changed == [several["one"], several["two"]]
    assert result.unchanged == [several["same"]]
    refused = {(row.case_id, row.name, row.refusal.code) for row in result.refused}
    assert refused == {
        (several["closed"].pk, several["closed"].heading, "case_closed"),
        (several["strange"].pk, "", "not_found"),
    }
    assert AuditEntry.objects.filter(verb="case.priority_changed").count() == 2
    again = change_priorities(case_ids=ids(several), actor=lead, priority=STAT, reason=WHY)
    assert (again.changed, len(again.unchanged)) == ([], 3)


def test_what_fails_in_the_middle_is_said_and_stops_no_other(several, lead, monkeypatch):
    from django.db import OperationalError

    class LockTimeout(OperationalError):
        sqlstate = "55P03"

    def failing(case, *given):
        if case == several["one"]:
            error = OperationalError("lock timeout")
            error.__cause__ = LockTimeout()
            raise error
        return real(case, *given)

    real = module.lock_case
    monkeypatch.setattr(module, "lock_case", failing)
    result = change_priorities(case_ids=ids(several), actor=lead, priority=STAT, reason=WHY)
    assert result.changed == [several["two"]]
    assert (several["one"].pk, "busy") in {(r.case_id, r.refusal.code) for r in result.refused}


@pytest.mark.parametrize(("count", "code"), [(0, "no_cases"), (MOST_AT_ONCE + 1, "too_many_cases")])
def test_none_and_more_than_a_page_are_refused_before_anything(case, lead, count, code):
    chosen = [case.pk, *(uuid4() for _number in range(count - 1))][:count]
    with pytest.raises(Refused) as refused:
        change_priorities(case_ids=chosen, actor=lead, priority=STAT, reason=WHY)
    assert refused.value.code == code and Case.objects.get().priority == ROUTINE


def test_rest_says_the_same(client, several, lead):
    client.force_login(lead)
    body = {"cases": [str(pk) for pk in ids(several)], "priority": "stat", "reason": WHY}
    answer = client.put(reverse("api_priorities"), body, "application/json").json()
    assert answer["changed"] == [str(several[name].pk) for name in ("one", "two")]
    assert answer["unchanged"] == [str(several["same"].pk)]
    assert [row["code"] for row in answer["refused"]] == ["case_closed", "not_found"]
    one = reverse("api_case_priority", args=[several["one"].pk])
    changed = client.put(one, {"priority": "urgent", "reason": WHY}, "application/json").json()
    assert changed["priority"] == "urgent"
    told = client.get(one).json()
    assert told["priority"] == "urgent" and told["changes"][0]["reason"] == WHY
    assert [(row["before"], row["after"]) for row in told["changes"]] == [
        *(("routine", "stat"), ("stat", "urgent")),
    ]
    for wrong in ({"cases": []}, {"cases": ["x"]}, {"priority": "now"}, {"reason": ""}):
        refused = client.put(reverse("api_priorities"), body | wrong, "application/json")
        assert refused.status_code == 400, wrong
