"""What the model makes of a case: stored with its class, and given to cases that were read before."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from tests.factories import make_case, make_people, make_site
from triage.models import Case
from triage.states import CaseState
from triage.vocabulary import Suspicion
from triage.worklist.deadlines import WaitTable
from triage.worklist.deciding import DECIDED, decide

FINDINGS = {
    Suspicion.POSITIVE: {"call": "positive"},
    Suspicion.DOUBT: {"call": "doubt"},
    Suspicion.NEGATIVE: {"call": "negative"},
    Suspicion.REFUSED: {"assessable": False, "reason": "This looks like a photograph."},
}


@pytest.mark.parametrize("suspicion", FINDINGS)
def test_deciding_stores_what_the_prediction_makes_of_it(site, people, storage, suspicion):
    case = make_case(site, people.clinician, CaseState.PREDICTED, finding=FINDINGS[suspicion])
    table = WaitTable.of(site.pk)
    prediction, case.suspicion = case.deciding_prediction, Suspicion.UNREAD
    decide(case, [prediction], table)
    case.save(update_fields=DECIDED)
    case.refresh_from_db()
    assert case.suspicion == suspicion
    decide(case, [], table)
    assert case.suspicion == Suspicion.UNREAD


def test_a_case_that_was_read_can_not_be_stored_as_unread(site, people, storage):
    case = make_case(site, people.clinician, CaseState.PREDICTED)
    with pytest.raises(IntegrityError, match="case_suspicion"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(suspicion=Suspicion.UNREAD)


@pytest.fixture
def without_the_column(committed_db):
    """Runs what it is given on the tables as they were before, then brings them up again."""

    def before(make):
        cases = make()
        try:
            call_command("migrate", "triage", "0003", database="owner", verbosity=0)
        finally:
            call_command("migrate", "triage", database="owner", verbosity=0)
        return cases

    return before


def test_cases_read_before_get_their_finding(without_the_column, storage):
    def make():
        north, south = make_site("North Clinic", "north"), make_site("South Clinic", "south")
        clinician = make_people(north, south).clinician
        cases = {
            make_case(north, clinician, finding=finding).pk: suspicion
            for suspicion, finding in FINDINGS.items()
        }
        cases[make_case(north, clinician, CaseState.REVIEWED).pk] = Suspicion.POSITIVE
        cases[make_case(north, clinician, CaseState.RECEIVED).pk] = Suspicion.UNREAD
        return cases

    cases = without_the_column(make)
    assert dict(Case.objects.values_list("pk", "suspicion")) == cases
