"""What a page and REST offer is what the service does: each action, by each person, in each state."""

import itertools

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from tests.factories import make_case, make_reading
from triage.inference.services import retry_case
from triage.intake.services import withdraw_case
from triage.models import Case, Release
from triage.review import claims
from triage.review.actions import Action, Actions
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.priority import change_priority
from triage.review.services import sign
from triage.review.taking_over import end_claim, take_over
from triage.states import CLOSED_STATES, INTAKE_STATES, OPEN_STATES, CaseState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")

SERVICES = {
    Action.CLAIM: lambda case, user: claims.claim(case=case, reader=user),
    Action.LOCK_FIRST: lambda case, user: lock_first_reading(
        case=case, reader=user, given=GivenOpinion("none")
    ),
    Action.SIGN: lambda case, user: sign(case=case, reader=user, given=GivenOpinion("none")),
    Action.GIVE_BACK: lambda case, user: claims.give_back_claim(case=case, reader=user),
    Action.WITHDRAW: lambda case, user: withdraw_case(case=case, actor=user, reason="Twice"),
    Action.TAKE_OVER: lambda case, user: take_over(case=case, reader=user, reason="Gone"),
    Action.END_CLAIM: lambda case, user: end_claim(case=case, actor=user, reason="Gone"),
    Action.CHANGE_PRIORITY: lambda case, user: change_priority(
        case=case, actor=user, priority=Priority.STAT, reason="Seen"
    ),
    Action.RETRY: lambda case, user: retry_case(case=case, actor=user),
}
PEOPLE = (
    "clinician",
    "clinician2",
    "reviewer",
    "service",
    "admin",
    "stranger",
)  # the first sent it
HOLDERS = (None, "reviewer", "clinician2", "idle", "lapsed")


class Undone(Exception):
    pass


def answer_of(action, case, user):
    """The code of the service's refusal, "" where it did it. Undone in any case."""
    try:
        with transaction.atomic():
            SERVICES[action](Case.objects.get(pk=case.pk), user)
            raise Undone
    except Undone:
        return ""
    except Refused as refused:
        return refused.code


def make(state, holder, site, people):
    case = make_case(site, people.clinician, state)
    if holder and case.is_open:
        left = {"lapsed": -1, "idle": 300}.get(holder)
        person = people.clinician2 if left else getattr(people, holder)
        make_reading(case, person, seconds=left or 900)
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("release", ["a release", "no release"])
@pytest.mark.parametrize("state", [*OPEN_STATES, *CLOSED_STATES])
def test_what_is_allowed_is_what_the_service_does(site, people, state, release):
    codes = set()
    for holder in HOLDERS:
        case = make(state, holder, site, people)
        Release.objects.update(is_active=release == "a release")
        for who, action in itertools.product(PEOPLE, Action):
            user = getattr(people, who)
            refusal = Actions(case, user).refusal(action)
            code = refusal.code if refusal else ""
            assert code == answer_of(action, case, user), (holder, who, action)
            codes.add(code)
        Release.objects.update(is_active=False)
        Release.objects.filter(pk=Release.objects.first().pk).update(is_active=True)
    assert len(codes) > 2


@pytest.mark.parametrize("state", INTAKE_STATES)
def test_nobody_may_do_anything_with_a_case_that_was_not_received(site, people, state):
    case = make_case(site, people.clinician, state)
    for who, action in itertools.product(PEOPLE, Action):
        assert not Actions(case, getattr(people, who)).allows(action), (who, action)
    for who in ("clinician", "reviewer"):
        refusal = Actions(case, getattr(people, who)).refusal(Action.SIGN)
        assert refusal and refusal.code == "not_received"


@pytest.mark.parametrize("state", [CaseState.PREDICTED, CaseState.FAILED, CaseState.REVIEWED])
@pytest.mark.parametrize("who", ["clinician", "clinician2", "reviewer"])
@pytest.mark.parametrize("holder", HOLDERS)
def test_the_page_and_rest_offer_what_is_allowed(site, people, state, who, holder):
    case, user = make(state, holder, site, people), getattr(people, who)
    client = Client()
    client.force_login(user)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    actions = Actions(case, user)
    offered = {
        Action.SIGN: 'id="review-form"',
        Action.GIVE_BACK: reverse("case_give_back", args=[case.pk]),
        Action.WITHDRAW: reverse("case_withdraw", args=[case.pk]),
        Action.RETRY: reverse("case_retry", args=[case.pk]),
        Action.TAKE_OVER: reverse("case_take_over", args=[case.pk]),
        Action.END_CLAIM: reverse("case_end_claim", args=[case.pk]),
    }
    for action, mark in offered.items():
        assert (mark in page) is actions.allows(action), action
    body = client.get(reverse("api_case", args=[case.pk])).json()
    refusals = {action: actions.refusal(action) for action in Action}
    assert {row["action"]: (row["allowed"], row["code"]) for row in body["actions"]} == {
        action.value: (refusal is None, refusal.code if refusal else None)
        for action, refusal in refusals.items()
    }


def test_a_correction_is_offered_to_whom_it_is_allowed(site, people):
    case = make_case(site, people.clinician)
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    address = reverse("case_correct", args=[case.pk, review.pk])

    def is_offered(person):
        client = Client()
        client.force_login(person)
        return address in client.get(reverse("case", args=[case.pk])).content.decode()

    assert is_offered(people.reviewer)
    assert not is_offered(people.clinician2)
    people.reviewer.memberships.update(roles=["service"])  # reads, and signs no more
    assert not is_offered(people.reviewer)
