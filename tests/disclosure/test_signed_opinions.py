"""What was signed is hidden with the model's output: two stacks that differ in signed opinions answer alike.

That something was signed, that it is critical, and that a patient must hear of it may be seen: whom it waits
for, and since when. What it is may not, and neither may what people said of it.
"""

from functools import partial
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from tests.api import test_who_may
from tests.architecture import test_access
from tests.disclosure.stacks import answer
from tests.disclosure.still import Still
from tests.disclosure.test_two_stacks import different
from tests.factories import make_call_back, make_case, make_critical_result, make_release
from tests.pages import flat
from triage.models import CallBack, CallBackAttempt, Case, CriticalResult, Macro, Review
from triage.states import CaseState
from triage.vocabulary import Stage
from triage.web.live import code_version

pytestmark = pytest.mark.usefixtures("storage")

NOTHING_OF_THE_KIND = (Review.DoesNotExist, CallBack.DoesNotExist, CriticalResult.DoesNotExist)
WORLDS = {
    "broken": {
        "first": {"fracture": "certain", "classes": ["spiral"], "comment": "Clearly broken"},
        "second": {"fracture": "certain", "classes": ["fracture_dislocation"]},
        "ticked": False,
        "reason": "fracture_missed",
        "again": "dislocation_missed",
        "outcome": "comes_back",
        "words": "She knows that it is broken",
        "differs": ["first"],
    },
    "whole": {
        "first": {"fracture": "none", "comment": "Quiet"},
        "second": {"fracture": "not_assessable"},
        "ticked": True,
        "reason": "treated_without",
        "again": "changed_since",
        "outcome": "corrected",
        "words": "She knows that nothing is broken",
        "differs": ["first", "model"],
    },
}


@pytest.fixture
def still(db, monkeypatch):
    return Still(monkeypatch)


@pytest.fixture
def cases(site, people, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToAnybody"
    make_release()
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    code_version()
    return [make_case(site, people.clinician) for _ in range(3)]


def signed(case, people, state, **said):
    closed = None if state == CaseState.THIRD else timezone.now()
    Case.objects.filter(pk=case.pk).update(state=state, closed_at=closed)
    return Review.objects.create(case=case, reader=people.clinician2, **said)


def live_in(world, cases, people):
    """Critical results and call-backs, each one that waits and one that ended; and a third reading."""
    done, waiting, third = cases
    one = partial(signed, people=people, state=CaseState.REVIEWED, stage=Stage.SECOND_OPINION)
    now = timezone.now()
    ended = {"closed_at": now, "closed_by": people.clinician2}
    one(done, **world["first"])
    make_critical_result(
        done,
        by_reader=world["ticked"],
        words=world["words"],
        acknowledged_at=now,
        acknowledged_by=people.clinician2,
        next_at=None,
    )
    end = {"outcome": world["outcome"], "words": world["words"]}
    call_back = make_call_back(done, world["reason"], **ended, **end)
    CallBackAttempt.objects.create(
        call_back=call_back,
        made_by=people.clinician2,
        attempt_outcome="reached",
        words=world["words"],
    )
    one(waiting, **world["second"])
    make_critical_result(waiting, by_reader=world["ticked"])
    make_call_back(waiting, world["again"])
    Case.objects.filter(pk=third.pk).update(third_because=world["differs"])
    signed(third, people, CaseState.THIRD, stage=Stage.SECOND_OPINION, **world["first"])


def pages(site, people, case):
    world = SimpleNamespace(site=site, case=case, people=people)
    for method, name, about, _body, _expected in test_access.TABLE:
        if method == "GET":
            yield partial(test_access.address, name, about, world)
    yield lambda: reverse("call_backs") + "?closed=1"
    yield lambda: reverse("worklist") + "?state=reviewed"


def resources(site, people, case):
    for method, name, _body, _expected in test_who_may.TABLE:
        if method == "GET":
            yield partial(test_who_may.address, name, case)
    yield lambda: reverse("api_worklist") + "?state=reviewed"
    yield lambda: reverse("api_call_backs") + "?which=open"
    yield lambda: reverse("api_call_backs") + "?which=closed"
    yield lambda: reverse("api_critical_results") + "?which=waiting"
    yield lambda: reverse("api_critical_results") + "?which=acknowledged"


def walked(still, client, addresses, cases):
    found = {}
    for case in cases:
        for address in addresses(case):
            try:
                url = address()
            except NOTHING_OF_THE_KIND:
                continue
            if url not in found:
                found[url] = answer(still, lambda url=url: client.get(url))
    return found


def both(still, site, people, cases, *, rest):
    """What each world answers to the sender, who is a clinician of the site too."""
    token = AuthToken.objects.create(people.clinician)[1] if rest else None
    answered = []
    for world in WORLDS.values():
        with transaction.atomic():
            still.begin_again()
            live_in(world, cases, people)
            client = Client(headers={"Authorization": f"Token {token}"} if token else {})
            if not rest:
                client.force_login(people.clinician)
            listed = partial(resources if rest else pages, site, people)
            answered.append(walked(still, client, listed, cases))
            transaction.set_rollback(True)
    return answered


@pytest.mark.parametrize("rest", [False, True], ids=["pages", "rest"])
def test_nothing_depends_on_a_signed_opinion_that_is_hidden(still, site, people, cases, rest):
    found = different(both(still, site, people, cases, rest=rest))
    assert not found, "\n".join(f"{name}: {pair}" for name, pair in found.items())


def test_neutral_words_stand_where_something_is_hidden(people, cases, client):
    """Where a reason or an outcome stood, and over REST; a person's own words stay."""
    live_in(WORLDS["broken"], cases, people)
    case, person = cases[0], people.clinician
    result, call_back = case.critical_results.get(), case.call_backs.get()
    own = CallBackAttempt.objects.create(
        call_back=call_back, made_by=person, attempt_outcome="other", words="Rang twice"
    )
    client.force_login(person)
    said = {
        reverse("critical_result", args=[result.pk]): "It was marked as critical. You may not know",
        reverse("call_back", args=[call_back.pk]): "You may not know yet what was signed, nor how",
        reverse("case", args=[case.pk]): "call-back closed by Carl Clinician",
    }
    for address, sentence in said.items():
        page = flat(client.get(address).content.decode())
        assert sentence in page and "table when it was signed" not in page
    critical = client.get(reverse("api_critical_result", args=[result.pk])).json()
    assert (critical["by_reader"], critical["because"], critical["words"]) == (None, None, "")
    shown = client.get(reverse("api_call_back", args=[call_back.pk])).json()
    assert (shown["reason"], shown["outcome"], shown["words"]) == (None, None, "")
    words = {each["id"]: each["words"] for each in shown["attempts"]}
    assert words.pop(str(own.pk)) == "Rang twice" and list(words.values()) == [""]


@pytest.mark.parametrize("rest", [False, True], ids=["pages", "rest"])
def test_the_walk_sees_what_is_shown(still, site, people, cases, settings, rest):
    """The control: with nothing hidden, each kind of answer differs."""
    settings.CALLUS_DISCLOSURE_POLICY = "triage.disclosure.policy.Policy"
    found = " ".join(different(both(still, site, people, cases, rest=rest)))
    for part in (
        "/cases/",
        "/call-backs/",
        "/critical-results/",
        "/sent",
        "/report",
        "?state=reviewed",
    ):
        assert part in found
