"""The page of a blind case: what its first form asks, and what the page says once it is locked."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from tests.pages import flat
from triage.models import Case, CriticalResult, Review
from triage.states import CaseState
from triage.vocabulary import Stage

pytestmark = pytest.mark.usefixtures("storage")
CRITICAL = '<input type="checkbox" name="critical"'
NONE = {"fracture": "none"}


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


@pytest.fixture
def blind(site, people) -> Case:
    return make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)


def at(case: Case, name: str = "case") -> str:
    return reverse(name, args=[case.pk])


def page(reader, case: Case) -> str:
    return flat(reader.get(at(case)).content.decode())


def lock(reader, case: Case, **more):
    return reader.post(at(case, "case_first_reading"), NONE | more, follow=True)


def test_critical_is_asked_where_it_notifies_somebody(reader, blind):
    first = page(reader, blind)
    assert CRITICAL not in first
    assert "Locking notifies nobody." in first
    lock(reader, blind)
    assert CRITICAL in page(reader, blind)
    reader.post(at(blind, "case_review"), NONE | {"critical": "on", "then": "stay"})
    assert CriticalResult.objects.get().case == blind


def test_a_tick_that_would_notify_nobody_is_refused(reader, blind):
    refused = flat(lock(reader, blind, critical="on").content.decode())
    assert "Tick “Critical” in the final form." in refused
    assert not Review.objects.exists()
    lock(reader, blind)
    assert Review.objects.get().stage == Stage.FIRST


def test_rest_refuses_it_too(reader, blind):
    answer = reader.post(
        reverse("api_case_first_reading", args=[blind.pk]),
        NONE | {"critical": True},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "critical" in answer.json()["error"]["fields"]
