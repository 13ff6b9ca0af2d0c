"""What the clinic thought and did: who records it, when, and who may see it."""

import pytest
from django.db import DatabaseError, transaction
from django.http import QueryDict

from accounts.refusals import NotPermitted, Refused
from accounts.roles import Role
from tests.factories import make_case, make_member, make_reading
from triage.disclosure import shown_to
from triage.models import InterimOpinion
from triage.review.actions import Action, Actions
from triage.review.interim import interim_opinions_for, record_interim_opinion
from triage.review.next_case import NothingLeft, take_next
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")

SENT_HOME = {"interim_fracture": "none", "treated_as": "soft_tissue", "note": "Bandage."}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def refused(**arguments):
    with pytest.raises(Refused) as refusal:
        record_interim_opinion(**{**SENT_HOME, **arguments})
    assert not InterimOpinion.objects.exists()
    return refusal.value.code


def test_the_sender_and_any_clinician_of_the_site_record(case, people):
    for author in (people.clinician, people.clinician2):
        assert record_interim_opinion(case=case, author=author, **SENT_HOME).author == author
    (shown,) = shown_to(people.reviewer, [case])
    newest, oldest = interim_opinions_for(people.reviewer, shown)
    assert (newest.author, oldest.author) == (people.clinician2, people.clinician)


def test_nobody_else_does(case, people):
    for who in (people.reviewer, people.admin, people.service):
        assert refused(case=case, author=who) == "not_treating"


def test_a_program_records_on_what_it_sent(site, people):
    sent = make_case(site, people.service)
    assert record_interim_opinion(case=sent, author=people.service, **SENT_HOME)


def test_nobody_is_compared_with_themselves(case, people):
    make_reading(case, people.clinician2)
    assert refused(case=case, author=people.clinician2) == "reading_it"


def offered(reader):
    """What Next takes, and what the list and REST's count of free cases hold."""
    query = WorklistQuery.from_params(QueryDict("free=1"))
    listed = [case.pk for case in query.page(reader).cases]
    try:
        with transaction.atomic():
            taken = [take_next(reader=reader, query=WorklistQuery()).case_id]
            transaction.set_rollback(True)
    except NothingLeft:
        taken = []
    assert taken == listed
    return taken


def test_who_recorded_the_one_that_counts_leaves_the_second_opinion_to_somebody_else(case, people):
    record_interim_opinion(case=case, author=people.clinician2, **SENT_HOME)
    assert offered(people.clinician2) == [] and offered(people.reviewer) == [case.pk]
    actions = Actions(case, people.clinician2)
    for action in (Action.CLAIM, Action.SIGN, Action.TAKE_OVER):
        assert actions.refusal(action).code == "own_interim"
    with pytest.raises(NotPermitted, match="somebody else gives the second opinion"):
        sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    record_interim_opinion(case=case, author=people.clinician, **SENT_HOME)
    assert offered(people.clinician2) == [case.pk], "A newer one counts now."
    assert sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))


@pytest.mark.parametrize("state", [CaseState.REVIEWED, CaseState.WITHDRAWN])
def test_hindsight_is_no_interim_opinion(site, people, state):
    closed = make_case(site, people.clinician, state)
    assert refused(case=closed, author=people.clinician) == "case_closed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"interim_fracture": ""}, "bad_fracture"),
        ({"treated_as": "plaster"}, "bad_treatment"),
        ({"note": "x" * 501}, "note_too_long"),
        ({"treated_as": "other", "note": " "}, "note_missing"),
        ({"note": "a\0b"}, "unstorable_character"),
    ],
)
def test_what_does_not_hold_together_is_refused(case, people, given, code):
    assert refused(case=case, author=people.clinician, **given) == code


def test_it_is_said_once_however_often_it_is_sent(case, people):
    first = record_interim_opinion(case=case, author=people.clinician, **SENT_HOME)
    assert record_interim_opinion(case=case, author=people.clinician, **SENT_HOME) == first
    assert InterimOpinion.objects.count() == 1


def test_who_reads_blind_sees_only_their_own(case, site, people, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    rita = make_member(site, Role.CLINICIAN, name="Rita Clinician")
    for author in (people.clinician, rita):
        record_interim_opinion(case=case, author=author, **SENT_HOME)
    for who, authors in ((people.reviewer, []), (rita, [rita]), (people.clinician, 2)):
        (shown,) = shown_to(who, [case])
        seen = [interim.author for interim in interim_opinions_for(who, shown)]
        assert seen == authors or len(seen) == authors


def test_a_recorded_one_never_changes(case, people):
    interim = record_interim_opinion(case=case, author=people.clinician, **SENT_HOME)
    for change in (lambda rows: rows.update(note="Plaster."), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(InterimOpinion.objects.filter(pk=interim.pk))
