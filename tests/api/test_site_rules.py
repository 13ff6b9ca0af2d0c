"""The tables of a site over REST are those of its pages."""

from datetime import datetime, timedelta

import pytest

from accounts.models import AuditEntry
from tests.factories import make_case
from triage.models import Redating, WaitRule
from triage.review.call_back_table import call_back_table
from triage.review.critical_table import critical_table
from triage.review.reading_rules import reading_rules_of
from triage.worklist.deadlines import WaitTable

TABLES = ("waits", "reading-rules", "call-back-rules", "critical-rules")


@pytest.fixture
def client(people, signed_in):
    return signed_in(people.admin)


def at(site, table):
    return f"/api/v1/sites/{site.slug}/{table}"


def put(client, address, body):
    return client.put(address, body, "application/json")


def by_text(value):
    """The rows of a table have no order, but for the steps of a notice."""
    return sorted(value, key=str) if isinstance(value, list) else value


@pytest.mark.parametrize("table", TABLES)
def test_what_is_read_can_be_sent_back_and_changes_nothing(site, client, table):
    before = client.get(at(site, table)).json()
    sent = {name: value for name, value in before.items() if name != "redating"}
    answer = put(client, at(site, table), sent)
    assert answer.status_code == 200, answer.content
    after = answer.json()
    for name, value in sent.items():
        assert by_text(after[name]) == by_text(value)
    assert put(client, at(site, table), {**sent, "x": 1}).status_code == 400


def test_waits(site, client):
    table = client.get(at(site, "waits")).json()
    assert table.pop("redating") is None
    table["priorities"][0] |= {"minutes": 20, "doubt_minutes": 5}
    table["classes"][0]["minimum_confidence"] = 0.75
    answer = put(client, at(site, "waits"), table).json()
    assert answer["redating"]["finished_at"] is None and Redating.objects.count() == 1
    stored = WaitTable.of(site.pk)
    assert (stored.priorities[0], stored.doubts[0]) == (20, 5)
    assert 0.75 in {confidence for _minutes, confidence in stored.classes.values()}
    table["priorities"][0]["doubt_minutes"] = 21
    assert put(client, at(site, "waits"), table).status_code == 400
    table["priorities"].pop()
    assert put(client, at(site, "waits"), table).status_code == 400


def test_reading_rules(site, client):
    rules = {"blind_percent": 30, "third_if_first_differs": True, "third_if_interim_differs": False}
    assert put(client, at(site, "reading-rules"), rules).status_code == 400  # all of it or nothing
    put(client, at(site, "reading-rules"), {**rules, "third_model_percent": 95})
    stored = reading_rules_of(site.pk)
    assert (stored.blind_percent, stored.third_model_percent) == (30, 95)
    assert AuditEntry.objects.get().verb == "reading.rules_changed"


def test_call_back_rules(site, client):
    table = client.get(at(site, "call-back-rules")).json()
    table["rules"][0] |= {"is_on": False, "owner": "reviewer", "minutes": 7}
    reason = table["rules"][0]["reason"]
    put(client, at(site, "call-back-rules"), table)
    rule = call_back_table(site.pk)[reason]
    assert (rule.is_on, rule.owner, rule.minutes) == (False, "reviewer", 7)
    table["rules"].pop()
    assert put(client, at(site, "call-back-rules"), table).status_code == 400


def test_critical_rules(site, client):
    hip = {"fracture_class": "", "body_part": "HIP", "also_possible": True}
    step = {"role": "clinician", "minutes": 9}
    put(client, at(site, "critical-rules"), {"rules": [hip], "steps": [step]})
    stored = critical_table(site.pk)
    assert [vars(rule) for rule in stored.rules] == [hip]
    assert [(each.role, each.minutes) for each in stored.steps] == [("clinician", 9)]
    for wrong in ({"rules": [hip, hip], "steps": [step]}, {"rules": [], "steps": []}):
        assert put(client, at(site, "critical-rules"), wrong).status_code == 400


def preview(site, client, **minutes):
    table = client.get(at(site, "waits")).json()
    del table["redating"]
    for row in table["priorities"]:
        row["minutes"] = minutes.get(row["priority"], row["minutes"])
    address = at(site, "waits/preview")
    return client.post(address, table, content_type="application/json")


def test_a_preview_says_what_a_table_would_do_and_saves_nothing(site, people, storage, client):
    case = make_case(site, people.clinician, finding={"call": "negative"})
    assert preview(site, client).json() == {
        **dict.fromkeys(("sooner", "later", "late"), 0),
        "looked_at": 1,
        "has_more": False,
        "by_priority_alone": True,  # admins open no case
        "first": [],
    }
    told = preview(site, client, routine=7).json()
    (moved,) = told.pop("first")
    counts = {"looked_at": 1, "has_more": False, "sooner": 1, "later": 0, "late": 0}
    assert told == counts | {"by_priority_alone": True}
    case.refresh_from_db()
    assert datetime.fromisoformat(moved["due_now"]) == case.priority_due_at
    by_table = datetime.fromisoformat(moved["due_by_table"])
    assert by_table - case.received_at == timedelta(minutes=7)
    assert (moved["case"], moved["short_name"]) == (None, case.short_name)
    assert not WaitRule.objects.exists() and not AuditEntry.objects.filter(site=site).exists()
    people.admin.memberships.update(roles=["admin", "reviewer"])
    told = preview(site, client, routine=7).json()
    assert told["first"][0]["case"] == str(case.pk) and not told["by_priority_alone"]


def test_a_preview_refuses_what_can_not_be_saved(site, client):
    assert preview(site, client, routine=0).status_code == 400


@pytest.mark.parametrize("cases", [1, 12])
def test_a_preview_costs_as_much_for_many_cases(
    site, people, storage, client, django_assert_max_num_queries, cases
):
    for _ in range(cases):
        make_case(site, people.clinician)
    table = client.get(at(site, "waits")).json()
    del table["redating"]
    with django_assert_max_num_queries(9):
        client.post(at(site, "waits/preview"), table, content_type="application/json")


@pytest.mark.parametrize("is_shown", [False, True])
def test_a_preview_reads_predictions_for_whom_they_are_shown(
    site, people, storage, client, django_assert_max_num_queries, is_shown
):
    make_case(site, people.clinician)
    if is_shown:
        people.admin.memberships.update(roles=["admin", "reviewer"])
    with django_assert_max_num_queries(14) as asked:
        assert preview(site, client).status_code == 200
    tables = " ".join(query["sql"] for query in asked)
    assert ('FROM "triage_prediction"' in tables) is is_shown
