"""What the model makes of a case: stored with its class, and given to cases that were read before."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.roles import Role
from tests.factories import make_case, make_member, make_people, make_release, make_site
from triage.models import Case, Release
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import Call
from triage.worklist.case_summary import SUMMARY_FIELDS, CasePredictions, summarize
from triage.worklist.deadlines import WaitTable

FINDINGS = {
    Call.POSITIVE: {"call": "positive"},
    Call.DOUBT: {"call": "doubt"},
    Call.NEGATIVE: {"call": "negative"},
    Call.NOT_ASSESSABLE: {"assessable": False, "reason": "This looks like a photograph."},
}


@pytest.mark.parametrize("call", FINDINGS)
def test_deciding_stores_what_the_prediction_makes_of_it(site, people, storage, call):
    case = make_case(site, people.clinician, CaseState.PREDICTED, finding=FINDINGS[call])
    table = WaitTable.of(site.pk)
    prediction, case.call = case.deciding_prediction, Call.UNREAD
    summarize(case, CasePredictions([prediction]), table)
    case.save(update_fields=SUMMARY_FIELDS)
    case.refresh_from_db()
    assert case.call == call
    summarize(case, CasePredictions(), table)
    assert case.call == Call.UNREAD


def test_a_case_that_was_read_can_not_be_stored_as_unread(site, people, storage):
    case = make_case(site, people.clinician, CaseState.PREDICTED)
    with pytest.raises(IntegrityError, match="case_call"), transaction.atomic():
        unread = {"call": Call.UNREAD, "predicted_class": "", "confidence": 0}
        Case.objects.filter(pk=case.pk).update(**unread)


@pytest.mark.parametrize("call", [Call.NEGATIVE, Call.NOT_ASSESSABLE])
def test_no_class_is_stored_beside_a_call_that_names_none(site, people, storage, call):
    case = make_case(site, people.clinician, CaseState.PREDICTED, finding=FINDINGS[call])
    assert (case.predicted_class, case.confidence) == ("", 0)
    with pytest.raises(IntegrityError, match="case_class_is_of"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(predicted_class="spiral", confidence=0.9)


@pytest.mark.parametrize("call", ["positive", "doubt", "negative", ""])
def test_a_call_that_may_not_be_used_is_doubt(site, people, storage, call):
    """Of the shipped release, measured elsewhere: it can't distinguish fracture from none."""
    make_release(usable=False)
    said = {"call": call, "fracture_probability": 0.999}
    case = make_case(site, people.clinician, finding=said)
    assert case.deciding_prediction.effective_call == case.call == Call.DOUBT
    assert (case.predicted_class, case.confidence) == ("oblique", 0.62)


def test_a_call_that_may_not_be_used_refuses_as_before(site, people, storage):
    make_release(usable=False)
    case = make_case(site, people.clinician, finding={"assessable": False})
    assert case.call == Call.NOT_ASSESSABLE


def read_before(north, south):
    """Cases that were read before there was a call → their call. In every state of then."""
    clinician = make_people(north, south).clinician
    cases = {
        make_case(north, clinician, finding=finding).pk: call for call, finding in FINDINGS.items()
    }
    cases[make_case(north, clinician, CaseState.REVIEWED).pk] = Call.POSITIVE
    cases[make_case(north, clinician, CaseState.RECEIVED).pk] = Call.UNREAD
    return cases


def of_a_call_that_may_not_be_used(north, south):
    """As the version before left them: positive and negative, each with a class."""
    release, clinician = make_release(), make_people(north, south).clinician
    negative = FINDINGS[Call.NEGATIVE]
    made = {
        "open": make_case(north, clinician, finding=negative),
        "refused": make_case(north, clinician, finding=FINDINGS[Call.NOT_ASSESSABLE]),
        "signed": make_case(north, clinician, finding=negative),
    }
    reader = make_member(north, Role.REVIEWER)
    sign(case=made["signed"], reader=reader, given=GivenOpinion("none"))
    Release.objects.filter(pk=release.pk).update(manifest={"call": {"rule": {}}})
    return made, release


def test_cases_read_before_get_their_call(committed_db, storage):
    """The tables go back to what they were and come up again, once for both: it takes long."""
    sites = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    cases = read_before(*sites)
    unusable, release = of_a_call_that_may_not_be_used(*sites)
    try:
        call_command("migrate", "triage", "0003", database="owner", verbosity=0)
    finally:
        call_command("migrate", "triage", database="owner", verbosity=0)
    assert dict(Case.objects.filter(pk__in=cases).values_list("pk", "call")) == cases
    release.refresh_from_db()
    assert not release.call_is_usable
    stored = {
        name: (case.call, case.predicted_class)
        for name, case in unusable.items()
        if case.refresh_from_db() is None
    }
    assert stored == {
        "open": (Call.DOUBT, "oblique"),
        "refused": (Call.NOT_ASSESSABLE, ""),
        "signed": (Call.NEGATIVE, ""),
    }
