"""A final opinion that differs goes to a third reader, if the site's rules say so."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.refusals import Conflict, NotPermitted, Refused
from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case
from tests.readers import sign_as_shown
from triage.disclosure import shown_to
from triage.intake.services import withdraw_case
from triage.models import Case, InterimOpinion, Reading, ReadingRules, Review
from triage.review.first_reading import lock_first_reading
from triage.review.next_case import take_next
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import correct, sign
from triage.review.standing import standing_opinions
from triage.review.third_reading import Compared, differences
from triage.states import CaseState
from triage.vocabulary import Call, Conclusion, Differs, Stage
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")

NONE, FRACTURE = GivenOpinion("none"), GivenOpinion("certain")
NO, YES = Conclusion.NO_FRACTURE, Conclusion.FRACTURE


@pytest.mark.parametrize(
    ("rules", "final", "compared", "expected"),
    [
        ({}, NO, Compared(first=YES, interim=YES), []),
        ({"third_if_first_differs": True}, NO, Compared(first=YES), [Differs.FIRST]),
        ({"third_if_first_differs": True}, NO, Compared(first=NO), []),
        ({"third_if_first_differs": True}, NO, Compared(), []),
        (
            {"third_if_first_differs": True},
            Conclusion.NOT_ASSESSABLE,
            Compared(first=NO),
            [Differs.FIRST],
        ),
        ({"third_if_interim_differs": True}, YES, Compared(interim=NO), [Differs.INTERIM]),
        ({"third_if_interim_differs": True}, YES, Compared(), []),
        (
            {"third_model_percent": 90},
            NO,
            Compared(call=Call.POSITIVE, probability=0.9),
            [Differs.MODEL],
        ),
        ({"third_model_percent": 90}, NO, Compared(call=Call.POSITIVE, probability=0.89), []),
        ({"third_model_percent": 90}, YES, Compared(call=Call.POSITIVE, probability=0.99), []),
        (
            {"third_model_percent": 90},
            YES,
            Compared(call=Call.NEGATIVE, probability=0.1),
            [Differs.MODEL],
        ),
        ({"third_model_percent": 90}, YES, Compared(call=Call.NEGATIVE, probability=0.2), []),
        ({"third_model_percent": 90}, YES, Compared(call=Call.NEGATIVE), []),
        ({"third_model_percent": 90}, NO, Compared(call=Call.DOUBT, probability=0.95), []),
    ],
)
def test_what_differs(rules, final, compared, expected):
    assert differences(final, compared, ReadingRules(**rules)) == expected


@pytest.fixture
def disputed(site, people):
    """A blind case, whose reader switched to a fracture after the model was shown."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=100, third_if_first_differs=True)
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(case, top="spiral", confidence=0.9)
    lock_first_reading(case=case, reader=people.reviewer, given=NONE)
    sign_as_shown(case, people.reviewer, FRACTURE)
    case.refresh_from_db()
    return case


def test_a_disputed_case_stays_open_and_is_free(people, disputed):
    assert (disputed.state, disputed.third_because) == (CaseState.THIRD, ["first"])
    assert disputed.closed_at is None and disputed.is_open and disputed.reading is None
    assert disputed.call == Call.POSITIVE  # nothing is sealed any more


def test_it_is_in_the_list_of_third_readings_alone(people, disputed):
    other = make_case(disputed.site, people.clinician)
    assert WorklistQuery().page(people.clinician2).cases == [other]
    third = WorklistQuery.from_params({"state": "third"})
    assert third.page(people.clinician2).cases == [disputed]
    both = WorklistQuery.from_params({"state": ["third", "predicted"]})
    assert set(both.page(people.clinician2).cases) == {disputed, other}
    sign_it = Reading.objects.create(
        case=disputed,
        site=disputed.site,
        reader=people.clinician2,
        claimed_until="2090-01-01T00:00Z",
    )
    assert sign_it and WorklistQuery.from_params({"mine": "1"}).page(people.clinician2).cases == [
        disputed
    ]


def test_the_third_is_neither_the_sender_nor_has_read_the_case(people, disputed):
    for person, code in ((people.clinician, "own_case"), (people.reviewer, "own_reading")):
        with pytest.raises(NotPermitted) as refused:
            sign(case=disputed, reader=person, given=NONE)
        assert refused.value.code == code
    review = sign(case=disputed, reader=people.clinician2, given=NONE)
    disputed.refresh_from_db()
    assert (review.stage, review.switched) == (Stage.THIRD, None)
    assert disputed.state == CaseState.REVIEWED and disputed.closed_at
    assert list(Review.objects.concluding()) == [review]


def test_next_gives_it_to_another_reader_only(people, disputed):
    from triage.review.next_case import NothingLeft

    query = WorklistQuery.from_params({"state": "third"})
    with pytest.raises(NothingLeft):
        take_next(reader=people.reviewer, query=query)
    assert take_next(reader=people.clinician2, query=query).case == disputed


def test_nobody_corrects_while_the_third_reads(people, disputed):
    final = Review.objects.get(stage=Stage.SECOND_OPINION)
    with pytest.raises(Conflict) as refused:
        correct(review=final, reader=people.reviewer, given=NONE)
    assert refused.value.code == "third_reading"


def test_a_case_that_is_not_blind_goes_to_a_third_reader_too(site, people):
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_if_interim_differs=True)
    case = make_case(site, people.clinician)
    InterimOpinion.objects.create(
        case=case, author=people.clinician, interim_fracture="none", treated_as="soft_tissue"
    )
    sign(case=case, reader=people.reviewer, given=FRACTURE)
    case.refresh_from_db()
    assert (case.state, case.third_because) == (CaseState.THIRD, ["interim"])


def test_a_sure_model_is_compared(site, people):
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    case = make_case(site, people.clinician)  # positive, 83 %
    sign(case=case, reader=people.reviewer, given=NONE)
    assert Case.objects.get().third_because == ["model"]


def test_without_rules_every_final_opinion_closes(site, people):
    case = make_case(site, people.clinician)
    sign(case=case, reader=people.reviewer, given=NONE)
    assert Case.objects.get().state == CaseState.REVIEWED


def test_a_model_is_not_sure_by_half(site, people):
    for percent in (50, 101):
        with pytest.raises(Refused):
            set_reading_rules(
                site=site, actor=people.admin, blind_percent=0, third_model_percent=percent
            )


def test_both_opinions_are_shown_to_the_third(people, disputed):
    client = Client()
    client.force_login(people.clinician2)
    page = client.get(reverse("case", args=[disputed.pk])).content.decode()
    assert "It is not final: it differs from the first reading, so a third reader is asked." in page
    shown = page[page.index('class="third"') :]
    shown = shown[: shown.index("</div>")]
    assert "No fracture" in shown and "First reading" in shown and "Second opinion" in shown
    body = client.get(reverse("api_case", args=[disputed.pk])).json()
    assert (body["state"], body["third_because"]) == ("third", ["first"])
    signed = client.post(
        reverse("case_review", args=[disputed.pk]), {"fracture": "none"}, follow=True
    )
    assert signed.status_code == 200
    disputed.refresh_from_db()
    assert disputed.state == CaseState.REVIEWED


def test_a_disputed_case_is_not_withdrawn(people, disputed):
    """An opinion is signed: what follows from it (a call-back, a critical result) must reach the clinic."""
    with pytest.raises(Conflict) as refused:
        withdraw_case(case=disputed, actor=people.clinician, reason="Wrong patient")
    assert refused.value.code == "third_reading"
    disputed.refresh_from_db()
    assert disputed.state == CaseState.THIRD


def test_who_was_overruled_corrects_nothing_after_it(people, disputed):
    """The third opinion closed the case. A correction of the one before it would change what nobody reads."""
    overruled = Review.objects.get(stage=Stage.SECOND_OPINION)
    third = sign(case=disputed, reader=people.clinician2, given=NONE)
    with pytest.raises(Conflict) as refused:
        correct(review=overruled, reader=people.reviewer, given=NONE)
    assert refused.value.code == "third_reading"
    corrected = correct(review=third, reader=people.clinician2, given=FRACTURE)
    assert list(Review.objects.concluding()) == [corrected]


def test_a_list_shows_the_opinion_that_concluded(people, disputed):
    third = sign(case=disputed, reader=people.clinician2, given=NONE)
    disputed.refresh_from_db()
    shown = standing_opinions(shown_to(people.reviewer, [disputed]))
    assert shown == {disputed.pk: third}
