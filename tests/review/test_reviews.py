"""Claiming, signing, correcting: one reader at a time, and nothing that was signed ever changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connections, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from tests.factories import make_case, make_people, make_prediction, make_release, make_site
from triage.inference.case_update import update_cases
from triage.models import Reading, Review
from triage.review.claims import claim, give_back_claim, renew
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Conclusion, Stage

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def lapse(case):
    Reading.objects.filter(case=case).going_on().update(
        claimed_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_claim_is_a_lease_that_its_holder_renews(case, people):
    claimed = claim(case=case, reader=people.reviewer)
    first = claimed.claimed_until
    assert case.is_claimed_by(people.reviewer)
    assert renew(case=case, reader=people.reviewer).claimed_until > first


def test_the_second_reader_learns_who_holds_the_case(case, people):
    claim(case=case, reader=people.reviewer)
    with pytest.raises(Conflict, match="Rita Reviewer"):
        claim(case=case, reader=people.clinician2)


def test_a_lapsed_claim_passes_on(case, people):
    claim(case=case, reader=people.reviewer)
    lapse(case)
    assert claim(case=case, reader=people.clinician2).reader == people.clinician2
    with pytest.raises(Conflict):
        renew(case=case, reader=people.reviewer)


def test_a_released_case_is_free_at_once(case, people):
    claim(case=case, reader=people.reviewer)
    give_back_claim(case=case, reader=people.reviewer)
    claim(case=case, reader=people.clinician2)
    with pytest.raises(Conflict):
        give_back_claim(case=case, reader=people.reviewer)


@pytest.mark.parametrize("who", ["clinician", "admin", "service", "stranger", "staff"])
def test_who_may_not_sign(case, people, who):
    person = getattr(people, who)
    with pytest.raises(NotPermitted):
        claim(case=case, reader=person)
    with pytest.raises(NotPermitted):
        sign(case=case, reader=person, given=GivenOpinion("none"))
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("given", "fracture", "classes"),
    [
        (GivenOpinion(agrees=True), "certain", ["oblique"]),
        (GivenOpinion("certain", ("spiral", "comminuted")), "certain", ["comminuted", "spiral"]),
        (GivenOpinion("possible"), "possible", []),
        (GivenOpinion("none"), "none", []),
        (GivenOpinion("not_assessable"), "not_assessable", []),
    ],
)
def test_signing_closes_the_case(case, people, given, fracture, classes):
    review = sign(
        case=case,
        reader=people.reviewer,
        given=replace(given, comment=" As seen. "),
        prediction_id=case.deciding_prediction_id,
    )
    case.refresh_from_db()
    assert (case.state, case.claimed_by) == (CaseState.REVIEWED, None)
    assert case.closed_at is not None
    assert review.stage == Stage.SECOND_OPINION
    assert (review.fracture, review.classes) == (fracture, classes)
    assert (review.agrees, review.comment) == (given.agrees, "As seen.")
    assert review.prediction == case.deciding_prediction
    assert AuditEntry.objects.filter(verb="review.signed", actor=people.reviewer).exists()


def test_a_comment_that_is_too_long_says_by_how_much(case, people):
    with pytest.raises(Refused, match="4001 characters"):
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none", comment="x" * 4001))


def test_an_unread_case_can_be_signed_but_not_agreed_with(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    with pytest.raises(Refused, match="made no call"):
        sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True))
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    assert review.prediction is None


def test_a_failed_case_is_read_without_the_model(site, people):
    case = make_case(site, people.clinician, CaseState.FAILED)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    case.refresh_from_db()
    assert case.state == CaseState.REVIEWED


def test_agreeing_with_a_prediction_that_changed_is_a_conflict(case, people):
    seen = case.deciding_prediction
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    update_cases([case.pk])
    with pytest.raises(Conflict, match="changed"):
        sign(
            case=case,
            reader=people.reviewer,
            given=GivenOpinion(agrees=True),
            prediction_id=seen.pk,
        )


def test_agreeing_needs_the_prediction_that_was_seen(case, people):
    with pytest.raises(Refused, match="which prediction"):
        sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True))
    with pytest.raises(Refused, match="another type than the model"):
        sign(
            case=case,
            reader=people.reviewer,
            given=GivenOpinion(classes=("hairline",), agrees=True),
            prediction_id=case.deciding_prediction_id,
        )


@pytest.mark.parametrize(
    ("said", "conclusion"),
    [
        ({"assessable": False}, Conclusion.NOT_ASSESSABLE),
        ({"call": "negative"}, Conclusion.NO_FRACTURE),
        ({"call": "positive"}, Conclusion.FRACTURE),
    ],
)
def test_agreeing_comes_to_what_the_model_says(site, people, said, conclusion):
    case = make_case(site, people.clinician, finding=said)
    seen = case.deciding_prediction_id
    review = sign(
        case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen
    )
    stored = Review.objects.with_predictions().get(pk=review.pk)
    assert stored.conclusion == conclusion
    assert stored.classes == (["oblique"] if conclusion == Conclusion.FRACTURE else [])
    again = correct(review=stored, reader=people.reviewer, given=GivenOpinion(agrees=True))
    assert (again.classes, again.conclusion) == (stored.classes, conclusion)


@pytest.mark.parametrize("said", [{"assessable": False}, {"call": "negative"}])
def test_agreeing_names_no_class_where_the_model_names_none(site, people, said):
    case = make_case(site, people.clinician, finding=said)
    with pytest.raises(Refused, match="another type than the model"):
        sign(
            case=case,
            reader=people.reviewer,
            given=GivenOpinion(classes=("oblique",), agrees=True),
            prediction_id=case.deciding_prediction_id,
        )


def test_nobody_signs_twice_or_over_another(case, people):
    claim(case=case, reader=people.clinician2)
    with pytest.raises(Conflict, match="Carl Clinician"):
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    with pytest.raises(Conflict, match="closed"):
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert Review.objects.count() == 1


def test_a_correction_supersedes_and_the_old_row_stays(case, people):
    seen = case.deciding_prediction_id
    first = sign(
        case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen
    )
    second = correct(review=first, reader=people.reviewer, given=GivenOpinion("none"))
    assert list(Review.objects.standing()) == [second]
    first.refresh_from_db()
    assert (first.agrees, first.superseded_by) == (True, second)
    with pytest.raises(Conflict):
        correct(review=first, reader=people.reviewer, given=GivenOpinion("none"))
    with pytest.raises(NotPermitted):
        correct(review=second, reader=people.clinician2, given=GivenOpinion("none"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
    ],
)
@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("triage_review", "comment"),
        ("accounts_auditentry", "verb"),
        ("triage_sitepoints", "reason"),
    ],
)
def test_history_can_not_be_rewritten(committed_db, alias, table, column, statement):
    site, other = make_site(), make_site()
    people = make_people(site, other)
    case = make_case(site, people.clinician)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    with (
        pytest.raises(ProgrammingError, match=r"append-only|permission denied"),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(statement.format(table=table, column=column))
    assert Review.objects.count() == 1
