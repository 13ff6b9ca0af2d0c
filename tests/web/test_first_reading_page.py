"""The page of a blind case: what its first form asks, and what the page says once it is locked."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case
from tests.pages import flat
from triage.models import Case, CriticalResult, Review
from triage.review.drafts import save_draft
from triage.review.reading_rules import set_reading_rules
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


SEES = "now that you see what the model says"
NOT_READ = "The model has not read it yet"


@pytest.mark.parametrize(
    ("state", "is_read", "said"),
    [
        (CaseState.RECEIVED, True, [SEES]),
        (CaseState.RECEIVED, False, [NOT_READ]),
        (CaseState.FAILED, False, []),
    ],
)
def test_nobody_is_told_that_they_see_what_the_model_did_not_say(
    reader, site, people, state, is_read, said
):
    case = make_case(site, people.clinician, state, is_blind=True)
    if is_read:
        read_by_the_model(case, top="spiral", confidence=0.9)
    shown = flat(lock(reader, case).content.decode())
    assert "First reading locked. Answer again" in shown
    assert "Now you see" not in shown
    assert [words for words in (SEES, NOT_READ) if words in shown] == said


NAMED = 'class="model-said"'


def test_what_the_model_says_is_named_to_who_has_locked_and_to_nobody_else(
    reader, client, people, blind
):
    read_by_the_model(blind, top="spiral", confidence=0.9)
    assert NAMED not in page(reader, blind)
    lock(reader, blind)
    locked = page(reader, blind)
    assert NAMED in locked
    named = locked.split(NAMED)[1].split("</p>")[0]
    assert '<a href="#model-output">' in named
    assert "Fracture suspected" in named
    assert "%" in named
    for other in (people.clinician2, people.clinician, people.admin):
        client.force_login(other)
        assert NAMED not in page(client, blind)


def test_nothing_is_named_that_the_model_has_not_said(reader, blind):
    lock(reader, blind)
    assert NAMED not in page(reader, blind)


@pytest.mark.parametrize("is_read", [True, False])
def test_nor_is_a_third_reader(reader, client, site, people, blind, is_read):
    set_reading_rules(site=site, actor=people.admin, blind_percent=100, third_if_first_differs=True)
    if is_read:
        read_by_the_model(blind, top="spiral", confidence=0.9)
    lock(reader, blind)
    blind.refresh_from_db()
    seen = str(blind.images.get().predictions.get().pk) if is_read else ""
    final = {"fracture": "certain", "prediction": seen, "then": "stay"}
    reader.post(at(blind, "case_review"), final)
    client.force_login(people.clinician2)
    shown = page(client, blind)
    assert "You are the third reader" in shown
    assert ("what the model said" in shown) == is_read


CHOSEN = 'value="certain" checked'
IS_BACK = "is back."
ASKED_AGAIN = "its answer is not filled in. Answer again."


def test_a_late_draft_of_the_first_reading_answers_no_final_form(reader, people, blind):
    lock(reader, blind)
    late = {"fracture": "certain", "comment": "Late."}
    save_draft(case=blind, reader=people.reviewer, content=late)
    shown = page(reader, blind)
    assert "Late." in shown
    assert CHOSEN not in shown
    assert (ASKED_AGAIN in shown, IS_BACK in shown) == (True, False)
    save_draft(
        case=blind, reader=people.reviewer, content=late | {"prediction": "none"}, overwrite=True
    )
    shown = page(reader, blind)
    assert CHOSEN in shown
    assert (ASKED_AGAIN in shown, IS_BACK in shown) == (False, True)
    assert '<input type="hidden" name="prediction" value="none">' in shown
    reader.post(at(blind, "case_review"), late | {"prediction": "none", "then": "stay"})
    final = Review.objects.exclude(stage=Stage.FIRST).get()
    assert (final.fracture, final.prediction, final.switched) == ("certain", None, True)


def test_a_draft_whose_answer_went_says_so(reader, site, people):
    case = make_case(site, people.clinician)
    agreed = {"agrees": ["yes"], "fracture": "certain", "prediction": str(uuid4())}
    save_draft(case=case, reader=people.reviewer, content=agreed)
    shown = page(reader, case)
    assert CHOSEN not in shown
    assert (ASKED_AGAIN in shown, IS_BACK in shown) == (True, False)
