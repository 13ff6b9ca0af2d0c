"""A blind case: a first reading is locked, then the model's output is shown and the final opinion signed."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.acts import Act
from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case, make_reading
from tests.readers import sign_as_shown
from triage.models import Reading, Review
from triage.review.actions import Action, Actions
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Stage
from triage.worklist.one_case import shown_case

pytestmark = pytest.mark.usefixtures("storage")

NONE = GivenOpinion("none", comment="Clear.")


@pytest.fixture
def blind(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(case, top="spiral", confidence=0.9)
    return case


def lock(case, reader, given=NONE):
    return lock_first_reading(case=case, reader=reader, given=given)


def test_the_final_opinion_needs_a_first_reading(people, blind):
    with pytest.raises(Conflict) as refused:
        sign(case=blind, reader=people.reviewer, given=NONE)
    assert refused.value.code == "first_reading_missing"
    assert not Review.objects.exists() and not Reading.objects.exists()


def test_a_locked_first_reading_leaves_the_case_open_and_held(people, blind):
    first = lock(blind, people.reviewer)
    blind.refresh_from_db()
    assert (first.stage, first.prediction, first.switched) == (Stage.FIRST, None, None)
    assert blind.state == CaseState.PREDICTED and blind.is_claimed_by(people.reviewer)
    event = AuditEntry.objects.get(verb=Act.REVIEW_FIRST_LOCKED.value)
    assert event.detail["untold"] == sorted(Review.PRIVATE_FIELDS)


def test_a_first_reading_takes_no_case_more_than_one_may_hold(site, people, blind, settings):
    settings.CALLUS_CLAIMS_PER_READER = 1
    held = make_case(site, people.clinician)
    make_reading(held, people.reviewer)
    with pytest.raises(Conflict) as refused:
        lock(blind, people.reviewer)
    assert refused.value.code == "too_many_claims" and not Review.objects.exists()
    make_reading(blind, people.clinician2)
    assert lock(blind, people.clinician2).stage == Stage.FIRST  # they hold this very case


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        (GivenOpinion("none"), False),
        (GivenOpinion("certain", classes=("spiral",)), True),
        (GivenOpinion("not_assessable"), True),
    ],
)
def test_whether_the_reader_switched_is_kept(people, blind, final, expected):
    lock(blind, people.reviewer)
    review = sign_as_shown(blind, people.reviewer, final)
    assert review.switched is expected and review.stage == Stage.SECOND_OPINION
    corrected = correct(review=review, reader=people.reviewer, given=NONE)
    assert corrected.switched is False


def test_a_final_opinion_names_what_its_reader_was_shown(people, blind):
    """Or the press that locks, done twice, would say that the model changed nobody's mind."""
    lock(blind, people.reviewer)
    with pytest.raises(Conflict) as refused:
        sign(case=blind, reader=people.reviewer, given=NONE)
    assert refused.value.code == "prediction_unseen"
    assert [review.stage for review in Review.objects.all()] == [Stage.FIRST]


def test_the_final_opinion_may_agree_with_what_is_shown_now(people, blind):
    with pytest.raises(Refused, match="hidden from you"):
        lock(blind, people.reviewer, GivenOpinion(agrees=True))
    lock(blind, people.reviewer)
    shown = shown_case(people.reviewer, blind)
    agreed = GivenOpinion(agrees=True)
    review = sign(case=blind, reader=people.reviewer, given=agreed, prediction_id=shown.deciding_id)
    assert (review.fracture, review.classes, review.switched) == ("certain", ["spiral"], True)


def test_a_first_reading_is_locked_once_and_never_corrected(people, blind):
    first = lock(blind, people.reviewer)
    with pytest.raises(Conflict) as again:
        lock(blind, people.reviewer, GivenOpinion("certain"))
    with pytest.raises(Conflict) as corrected:
        correct(review=first, reader=people.reviewer, given=GivenOpinion("certain"))
    assert again.value.code == corrected.value.code == "first_reading_locked"
    said = {"fracture": "none", "stage": Stage.FIRST, "reader": people.reviewer, "case": blind}
    with pytest.raises(IntegrityError, match="first_is_one_per_reader"), transaction.atomic():
        Review.objects.create(**said)
    with pytest.raises(IntegrityError, match="first_is_blind_and_stays"), transaction.atomic():
        Review.objects.create(**said | {"reader": people.clinician2}, supersedes=first)


def test_who_takes_the_case_over_reads_it_blind_too(people, blind):
    lock(blind, people.reviewer)
    Reading.objects.update(claimed_until=blind.received_at)
    assert not shown_case(people.clinician2, blind).is_shown
    with pytest.raises(Conflict):
        sign(case=blind, reader=people.clinician2, given=NONE)
    lock(blind, people.clinician2, GivenOpinion("certain"))
    review = sign_as_shown(blind, people.clinician2, NONE)
    assert review.switched is True


def test_only_a_blind_open_case_has_a_first_reading(site, people, blind):
    ordinary = make_case(site, people.clinician2)
    with pytest.raises(Conflict) as refused:
        lock(ordinary, people.reviewer)
    assert refused.value.code == "not_blind"
    for person in (people.clinician, people.service):  # the sender, and who doesn't sign
        with pytest.raises(NotPermitted):
            lock(blind, person)
    make_reading(blind, people.clinician2)
    with pytest.raises(Conflict, match="is reading this case"):
        lock(blind, people.reviewer)


def test_actions_say_what_comes_next(people, blind):
    def allowed():
        actions = Actions(blind, people.reviewer)
        return {action for action in (Action.LOCK_FIRST, Action.SIGN) if actions.allows(action)}

    assert allowed() == {Action.LOCK_FIRST}
    lock(blind, people.reviewer)
    blind.refresh_from_db()
    assert allowed() == {Action.SIGN}


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_the_page_leads_from_the_first_reading_to_the_final_opinion(people, blind):
    client = client_of(people.reviewer)
    page = reverse("case", args=[blind.pk])
    before = client.get(page).content.decode()
    assert "Lock first reading" in before and 'value="next"' not in before
    typed = {"fracture": "none", "comment": "Looks calm."}
    lock_it = reverse("case_first_reading", args=[blind.pk])
    after = client.post(lock_it, typed, follow=True).content.decode()
    assert "First reading locked." in after and 'value="next"' in after
    assert "Looks calm.</textarea>" in after and 'value="none"' in after
    assert "Fracture suspected" in after
    again = client.post(lock_it, typed, follow=True).content.decode()
    assert "First reading locked." in again
    assert Review.objects.filter(stage=Stage.FIRST).count() == 1
    other = client.post(lock_it, {"fracture": "certain"})
    assert other.status_code == 409
    assert "checked" not in re.findall(r'<input type="radio" name="fracture"[^>]*>', after)[2]
    final, form = reverse("case_review", args=[blind.pk]), {"fracture": "certain"}
    unseen = client.post(final, form)
    assert unseen.status_code == 409 and "See what the model says" in unseen.content.decode()
    seen = shown_case(people.reviewer, blind).deciding_id
    signed = client.post(final, form | {"prediction": str(seen)}, follow=True)
    assert "changed after the model was shown" in signed.content.decode()


def test_another_s_first_reading_is_shown_to_nobody_before_the_end(people, blind):
    lock(blind, people.clinician2, GivenOpinion("certain", comment="A spiral line."))
    Reading.objects.update(claimed_until=blind.received_at)
    lock(blind, people.reviewer)
    for address in (reverse("case", args=[blind.pk]), reverse("api_case", args=[blind.pk])):
        for person in (people.reviewer, people.clinician):
            assert "A spiral line." not in client_of(person).get(address).content.decode()
    sign_as_shown(blind, people.reviewer, NONE)
    body = client_of(people.clinician).get(reverse("api_case_reviews", args=[blind.pk])).json()
    assert [row["stage"] for row in body["results"]] == ["first", "first", "second_opinion"]


def test_rest_does_the_same(people, blind):
    client = client_of(people.reviewer)
    address = reverse("api_case_first_reading", args=[blind.pk])
    final = reverse("api_case_reviews", args=[blind.pk])
    body = {"fracture": "none"}
    refused = client.post(final, body, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "first_reading_missing")
    locked = client.post(address, body, "application/json")
    assert (locked.status_code, locked.json()["stage"]) == (201, "first")
    case = client.get(reverse("api_case", args=[blind.pk])).json()
    assert case["call"] == "positive" and len(case["reviews"]) == 1
    unseen = client.post(final, body, "application/json")
    assert (unseen.status_code, unseen.json()["error"]["code"]) == (409, "prediction_unseen")
    seen = str(shown_case(people.reviewer, blind).deciding_id)
    body = {"fracture": "certain", "prediction": seen}
    signed = client.post(final, body, "application/json")
    assert (signed.status_code, signed.json()["switched"]) == (201, True)
