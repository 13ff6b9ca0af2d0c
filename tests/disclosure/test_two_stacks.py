"""Two stacks of data that differ in the model's output of blind cases only answer alike, byte by byte.

Every address of the two tables of who gets what is asked, so a new one is covered with its row there.
"""

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.models import Membership
from tests.disclosure.stacks import (
    SAYS,
    admin_pages,
    answer,
    asked,
    events_of,
    make_cases,
    stack,
)
from tests.disclosure.still import Still
from tests.factories import make_release
from triage.intake.services import withdraw_case
from triage.models import Case
from triage.report.training_set import export_training_set
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.priority import change_priorities
from triage.review.reading_rules import set_reading_rules
from triage.vocabulary import Priority
from triage.web.live import code_version
from triage.worklist.redating import redate, request_redating

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def still(db, monkeypatch):
    return Still(monkeypatch)


@pytest.fixture
def cases(site, people):
    make_release()
    set_reading_rules(site=site, blind_percent=100, actor=people.admin)
    code_version()
    return make_cases(site, people)


def after_the_model(site, people, cases):
    """What people did once the model had read: the reviewer has locked a first reading of one case."""

    def act():
        withdraw_case(
            case=Case.objects.get(pk=cases.withdrawn.pk), actor=people.clinician, reason="Twice"
        )
        if cases.opened.is_blind:
            given = GivenOpinion("none", comment="Calm.")
            lock_first_reading(case=cases.opened, reader=people.reviewer, given=given)
        request_redating(site)
        redate()

    return act


def walked(world, still, site, people, cases, who, token):
    """What the world answers to this person. ``token``: of theirs, for REST; "" for the pages."""
    rest = token is not None
    with stack(still, world, cases, after_the_model(site, people, cases)):
        client = Client(headers={"Authorization": f"Token {token}"}) if token else Client()
        if who != "anonymous" and not rest:
            client.force_login(getattr(people, who))
        found = asked(still, client, site, people, cases, rest=rest)
        if who == "staff" and not rest:
            found |= {
                address: answer(still, lambda a=address: client.get(a)) for address in admin_pages()
            }
        found["events"] = (events_of(cases),)
        return found


def both(still, site, people, cases, who, rest):
    token = None
    if rest:
        token = "" if who == "anonymous" else AuthToken.objects.create(getattr(people, who))[1]
    return [walked(world, still, site, people, cases, who, token) for world in SAYS]


def parts(one, other):
    """Where two answers differ first, short enough to be read."""
    first, second = next(pair for pair in zip(one, other, strict=True) if pair[0] != pair[1])
    first, second = (part if isinstance(part, bytes) else repr(part) for part in (first, second))
    at = next((n for n, pair in enumerate(zip(first, second, strict=False)) if len({*pair}) > 1), 0)
    return first[max(at - 60, 0) : at + 60], second[max(at - 60, 0) : at + 60]


def different(worlds):
    one, other = worlds
    assert one.keys() == other.keys()
    return {name: parts(one[name], other[name]) for name in one if one[name] != other[name]}


# Each walk asks some hundred addresses twice and takes half a minute. Always: the pages and the resources of
# the sender, and the resources of a program.
ALWAYS = (("clinician", False), ("clinician", True), ("service", True))
PEOPLE = ("clinician", "service", "clinician2", "admin", "staff", "stranger", "anonymous")
WALKS = [
    pytest.param(who, rest, marks=[] if (who, rest) in ALWAYS else pytest.mark.whole)
    for who in PEOPLE
    for rest in (False, True)
]


@pytest.mark.parametrize(("who", "rest"), WALKS)
def test_nothing_depends_on_what_the_model_says_of_a_blind_case(
    still, site, people, cases, who, rest
):
    found = different(both(still, site, people, cases, who, rest))
    assert not found, "\n".join(f"{name}: {pair}" for name, pair in found.items())


@pytest.mark.parametrize("rest", [False, True], ids=["pages", "rest"])
def test_a_reader_sees_only_the_case_that_they_opened(still, site, people, cases, rest):
    """The control: the worlds do differ, and for this reader alone, on the pages of that one case."""
    found = different(both(still, site, people, cases, "reviewer", rest))
    opened = cases.blind.index(cases.opened)
    assert {name.split()[-1] for name in found} == {str(opened)}
    seen = {"api_case", "api_prediction", "api_image"} if rest else {"case", "activation_map"}
    assert seen <= {name.split()[2] for name in found}


def test_cases_that_are_not_blind_differ(still, site, people, cases):
    """The control of the walk: what it asks for does show the model's output."""
    Case.objects.update(is_blind=False)
    for case in cases.blind:
        case.refresh_from_db()
    found = different(both(still, site, people, cases, "clinician2", rest=True))
    names = {name.split("?")[0] for name in found}
    assert {"/api/v1/worklist"} <= names and len(names) > 10


def test_a_changed_priority_tells_nothing(still, site, people, cases):
    """Neither by the new deadline nor by its event: cases that the model would bring forward, and others."""
    Membership.objects.filter(user=people.admin).update(roles=["admin", "reviewer"])
    told = []
    for world in SAYS:
        with stack(still, world, cases, after_the_model(site, people, cases)):
            ids = [case.pk for case in cases.blind]
            change = {"actor": people.admin, "priority": Priority.STAT, "reason": "Seen"}
            result = change_priorities(case_ids=ids, **change)
            due = list(Case.objects.filter(pk__in=ids).order_by("pk").values_list("due_at", "call"))
            told.append((len(result.changed), due, events_of(cases)))
    assert told[0] == told[1] and told[0][0] >= 3


def test_an_export_holds_the_same(still, site, people, cases, tmp_path):
    exported = []
    for world in SAYS:
        with stack(still, world, cases, after_the_model(site, people, cases)):
            counted = export_training_set(folder=tmp_path / world, site=site, actor=people.admin)
            exported.append((counted.reviews, counted.pictures, counted.by_class))
    assert exported[0] == exported[1]
