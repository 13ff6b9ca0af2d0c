"""What an opinion may say, refused by name in the service and by constraint in the database."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry
from accounts.refusals import Refused
from tests.factories import make_case
from triage.models import Review
from triage.models.review_rules import MOST_PLACES
from triage.review.opinion import GivenOpinion, given_in
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Conclusion, Stage

pytestmark = pytest.mark.usefixtures("storage")
BOX = {"image": 2, "x": 0.25, "y": 0.5, "width": 0.125, "height": 0.25}
POINT = {"image": 1, "x": 1.0, "y": 0.0, "width": 0, "height": 0}
FULL = GivenOpinion(
    fracture="possible",
    classes=("comminuted", "spiral"),
    displaced=False,
    old=True,
    places=(BOX, POINT),
    other_finding="Joint effusion.",
    comment="Compare with the other side.",
)


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician, images=2)


def test_every_answer_is_stored_and_a_correction_starts_with_it(case, people):
    review = sign(case=case, reader=people.reviewer, given=FULL)
    stored = Review.objects.get(pk=review.pk)
    assert given_in(stored) == FULL
    assert stored.conclusion == Conclusion.FRACTURE
    entry = AuditEntry.objects.get(verb="review.signed")
    assert entry.detail["untold"] == sorted(Review.PRIVATE_FIELDS)
    again = correct(review=stored, reader=people.reviewer, given=replace(FULL, displaced=None))
    assert given_in(Review.objects.get(pk=again.pk)) == replace(FULL, displaced=None)
    assert AuditEntry.objects.get(verb="review.corrected").detail["untold"] == sorted(
        Review.PRIVATE_FIELDS
    )


def test_a_place_is_rounded_and_ends_at_the_edge(case, people):
    drawn = {"image": 1, "x": 0.123456, "y": 0.9, "width": 0.3, "height": 0.11111}
    given = GivenOpinion("certain", places=(drawn, {"image": 2, "x": 0.5, "y": 1}))
    review = sign(case=case, reader=people.reviewer, given=given)
    assert Review.objects.get(pk=review.pk).places == [
        {"image": 1, "x": 0.1235, "y": 0.9, "width": 0.3, "height": 0.1},
        {"image": 2, "x": 0.5, "y": 1, "width": 0, "height": 0},
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (GivenOpinion(), "bad_opinion"),
        (GivenOpinion("perhaps"), "bad_opinion"),
        (GivenOpinion("certain", ("bent",)), "bad_class"),
        (GivenOpinion("none", ("spiral",)), "class_not_meant"),
        (GivenOpinion("not_assessable", ("spiral",)), "class_not_meant"),
        (GivenOpinion("none", displaced=False), "detail_not_meant"),
        (GivenOpinion("not_assessable", old=True), "detail_not_meant"),
        (GivenOpinion("none", places=(BOX,)), "detail_not_meant"),
        (GivenOpinion("certain", places=(BOX,) * (MOST_PLACES + 1)), "too_many_places"),
        (GivenOpinion("none", other_finding="x" * 501), "other_finding_too_long"),
        (GivenOpinion("none", comment="x" * 4001), "comment_too_long"),
        (GivenOpinion("none", other_finding="a\0b"), "unstorable_character"),
        (GivenOpinion("possible", agrees=True), "contradiction"),
        (GivenOpinion("none", agrees=True), "contradiction"),
        (GivenOpinion("certain", ("spiral",), agrees=True), "class_not_meant"),
    ],
)
def test_what_does_not_hold_together_stores_nothing(case, people, given, code):
    with pytest.raises(Refused) as refused:
        sign(
            case=case,
            reader=people.reviewer,
            given=given,
            prediction_id=case.deciding_prediction_id,
        )
    assert refused.value.code == code
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED
    assert not Review.objects.exists()


NO_PLACES = [
    {},
    {**BOX, "image": 3},
    {**BOX, "image": 0},
    {**BOX, "image": "1"},
    {**BOX, "image": True},
    {**BOX, "x": -0.1},
    {**BOX, "x": 1.1},
    {**BOX, "y": "0.5"},
    {**BOX, "width": float("nan")},
    {**BOX, "width": 0},
    {**BOX, "height": -0.5},
]


@pytest.mark.parametrize("place", NO_PLACES, ids=range(len(NO_PLACES)))
def test_a_place_that_lies_on_no_picture_is_refused(case, people, place):
    with pytest.raises(Refused) as refused:
        sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", places=(place,)))
    assert refused.value.code == "bad_place"


def test_who_agrees_and_says_more_still_agrees(case, people):
    seen = case.deciding_prediction_id
    given = GivenOpinion("certain", agrees=True, displaced=True, places=(BOX,), comment="So it is.")
    review = sign(case=case, reader=people.reviewer, given=given, prediction_id=seen)
    assert (review.agrees, review.displaced, review.classes) == (True, True, ["oblique"])


RULES = [
    ({"fracture": "perhaps"}, "says_whether_there_is_a_fracture"),
    ({"fracture": "none", "classes": ["spiral"]}, "names_types_of_a_fracture"),
    ({"classes": ["bent"]}, "names_types_of_a_fracture"),
    ({"fracture": "not_assessable", "displaced": False}, "says_displaced_of_a_fracture"),
    ({"fracture": "none", "old": True}, "says_old_of_a_fracture"),
    ({"fracture": "none", "places": [BOX]}, "places_are_of_a_fracture"),
    ({"places": [BOX] * (MOST_PLACES + 1)}, "places_are_few"),
    ({"places": BOX}, "places_lie_on_a_picture"),
    ({"places": ["here"]}, "places_lie_on_a_picture"),
    ({"places": [[BOX]]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "x": 0.9}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "x": -0.01}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "y": "0.5"}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "y": [0.5]}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "image": 0}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "image": 1.5}]}, "places_lie_on_a_picture"),
    ({"places": [{**BOX, "width": 0}]}, "places_lie_on_a_picture"),
    ({"places": [{"image": 1, "x": 0.5, "y": 0.5}]}, "places_lie_on_a_picture"),
    ({"agrees": True, "prediction": None}, "agrees_with_what_a_model_says"),
    ({"agrees": True, "fracture": "possible"}, "agrees_with_what_a_model_says"),
    ({"agrees": True, "classes": ["oblique", "spiral"]}, "agrees_with_what_a_model_says"),
]


@pytest.mark.parametrize(("fields", "rule"), RULES, ids=range(len(RULES)))
def test_the_database_refuses_it_too(case, people, fields, rule):
    signed = {
        "case": case,
        "reader": people.reviewer,
        "stage": Stage.SECOND_OPINION,
        "fracture": "certain",
        "prediction": case.deciding_prediction,
    }
    with pytest.raises(IntegrityError, match=rf'"review_{rule}"'), transaction.atomic():
        Review.objects.create(**{**signed, **fields})
    Review.objects.create(**signed, places=[BOX, POINT])


@pytest.mark.parametrize(
    ("opinion", "classes", "said", "fracture"),
    [
        ("agree", ["oblique"], {}, "certain"),
        ("agree", [], {"call": "negative"}, "none"),
        ("agree", [], {"assessable": False}, "not_assessable"),
        ("other_class", ["spiral"], {}, "certain"),
        ("no_fracture", [], {}, "none"),
        ("not_assessable", [], {}, "not_assessable"),
    ],
)
def test_a_row_of_the_version_before_gets_its_answers(
    site, people, opinion, classes, said, fracture
):
    """It may still write while this version starts."""
    case = make_case(site, people.clinician, finding=said)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO triage_review (id, case_id, reader_id, stage, opinion, classes, comment,"
            " prediction_id, signed_at)"
            " VALUES (%s, %s, %s, 'second_opinion', %s, %s, '', %s, now())",
            [
                case.pk,
                case.pk,
                people.reviewer.pk,
                opinion,
                classes,
                case.deciding_prediction_id,
            ],
        )
    review = Review.objects.get()
    assert (review.fracture, review.agrees) == (fracture, opinion == "agree")
    assert given_in(review) == GivenOpinion(fracture, tuple(classes), agrees=opinion == "agree")


@pytest.mark.parametrize(
    ("given", "opinion"),
    [
        (GivenOpinion(agrees=True), "agree"),
        (GivenOpinion("possible", ("spiral",)), "other_class"),
        (GivenOpinion("none"), "no_fracture"),
        (GivenOpinion("not_assessable"), "not_assessable"),
    ],
)
def test_the_version_before_reads_a_row_of_this_one(case, people, given, opinion):
    seen = case.deciding_prediction_id
    sign(case=case, reader=people.reviewer, given=given, prediction_id=seen)
    with connection.cursor() as cursor:
        cursor.execute("SELECT opinion FROM triage_review")
        assert cursor.fetchall() == [(opinion,)]
