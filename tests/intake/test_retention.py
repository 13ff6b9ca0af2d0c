"""A refused case that was dismissed keeps nothing of its patient for longer than the setting says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import incoming, make_case
from triage.intake import retention
from triage.intake.refusals import refusal_of
from triage.intake.retention import forget_refused
from triage.intake.services import dismiss_case
from triage.intake.tasks import forget_refused as task
from triage.intake.worker import decode_until_empty
from triage.models import Case, DecodeJob
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
SAID = {
    "patient_reference": "Anna Muster",
    "accession_number": "A-4711",
    "clinical_question": "Anna fell. Scaphoid?",
    "age_band": "2-11",
    "sex": "F",
    "side": "L",
    "projection": "PA",
}
SECRETS = ("Anna", "Muster", "4711", "2-11")


def refused(arrive, people, days):
    case = arrive(incoming("Anna Muster.png", f"Dear colleague {days}".encode()), **SAID)
    decode_until_empty()
    case.refresh_from_db()
    dismiss_case(case=case, actor=people.clinician)
    dismissed_at = timezone.now() - timedelta(days=days)
    Case.objects.filter(pk=case.pk).update(dismissed_at=dismissed_at)
    return case


def rows_of(case):
    """Everything that the database holds of it in its own rows, as text."""
    with connection.cursor() as cursor:
        for table, key in (("triage_case", "id"), ("triage_decodejob", "case_id")):
            cursor.execute(f"SELECT t::text FROM {table} t WHERE {key} = %s", [case.pk])
            yield from (row for (row,) in cursor.fetchall())


def test_what_was_dismissed_long_ago_says_nothing_of_its_patient(arrive, people, client):
    case = refused(arrive, people, days=8)
    assert "Anna Muster" in " ".join(rows_of(case))
    assert task() == 1
    left = " ".join(rows_of(case))
    assert str(case.pk) in left and not any(secret in left for secret in SECRETS)
    assert task() == 0
    case.refresh_from_db()
    assert "not kept any longer" in refusal_of(case).message
    client.force_login(people.clinician)
    page = client.get(f"/cases/{case.pk}/")
    assert page.status_code == 200 and "not kept any longer" in page.content.decode()
    assert client.get(f"/api/v1/cases/{case.pk}").json()["refusal"]["files"] == []


def test_what_its_sender_may_still_read_stays(arrive, people, site, settings):
    young = refused(arrive, people, days=6)
    unread = refused(arrive, people, days=100)
    Case.objects.filter(pk=unread.pk).update(dismissed_at=None)
    received = make_case(site, people.clinician, CaseState.RECEIVED)
    reference = received.patient_reference
    assert forget_refused() == 0
    assert DecodeJob.objects.filter(case__in=[young, unread]).count() == 2
    received.refresh_from_db()
    assert received.patient_reference == reference
    settings.CALLUS_REFUSED_DAYS = 5
    assert forget_refused() == 1
    assert not DecodeJob.objects.filter(case=young).exists()


def test_one_that_can_not_be_forgotten_stops_no_other(arrive, people, monkeypatch):
    bad, good = refused(arrive, people, days=9), refused(arrive, people, days=8)
    real = retention._forget
    monkeypatch.setattr(retention, "_forget", lambda pk: 1 / 0 if pk == bad.pk else real(pk))
    assert forget_refused() == 1
    assert list(DecodeJob.objects.values_list("case_id", flat=True)) == [bad.pk]
    assert forget_refused(most=0) == 0 and good.pk != bad.pk
