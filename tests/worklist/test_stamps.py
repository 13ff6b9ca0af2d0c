"""An equal stamp means an equal list: every write that a row shows changes it, whoever writes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Site
from accounts.roles import Role
from accounts.services.people import add_person, change_roles, end_membership, restore_membership
from accounts.services.sites import save_site
from tests.factories import (
    incoming,
    make_case,
    make_image,
    make_prediction,
    make_release,
    receive_case,
)
from triage.inference import queue
from triage.inference.releases import activate_release
from triage.inference.services import retry_case, sweep_and_send
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.intake.details import CaseDetails
from triage.intake.services import withdraw_case
from triage.models import Case, Change, Image, Job, Prediction, Release, WaitRule
from triage.models.change import EVERY_SITE
from triage.reasons import JobError
from triage.review import claims
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.stamps import CHANGES_PER_SITE, prune_changes, stamp_of
from triage.states import CaseState
from triage.vocabulary import BodyPart, Priority, Source
from triage.worklist.redating import redate
from triage.worklist.wait_rules import set_wait_rules

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def world(site, people):
    """A predicted case that nobody has claimed, and what else the acts below need."""
    release = make_release()
    case = make_case(site, people.clinician)
    failed = make_case(site, people.clinician, CaseState.FAILED)
    unread = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.filter(image__case=unread).update(attempts_left=1)
    return {
        "site": site,
        "people": people,
        "release": release,
        "case": case,
        "failed": failed,
        "unread": unread,
    }


def receive(world):
    receive_case(
        sender=world["people"].clinician,
        site=world["site"],
        files=[incoming()],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )


def record_a_failure(world):
    (job,) = queue.claim_jobs()
    record_outcomes([Outcome(job, error=JobError.UNREADABLE, detail="")])


def claim_and(then):
    def act(world):
        reader = world["people"].reviewer
        claims.claim(case=world["case"], reader=reader)
        yield
        then(case=world["case"], reader=reader)

    return act


def save_other_waits(world):
    rules = [WaitRule(priority=priority, minutes=7) for priority in Priority.values]
    set_wait_rules(site=world["site"], rules=rules, actor=world["people"].admin)
    redate()


def end_and_restore(world):
    membership = Membership.objects.get(user=world["people"].clinician2)
    end_membership(membership=membership, actor=world["people"].admin)
    yield
    restore_membership(membership=membership, actor=world["people"].admin)


def give_roles(world):
    membership = Membership.objects.get(user=world["people"].clinician2)
    change_roles(
        membership=membership,
        roles=[Role.CLINICIAN, Role.REVIEWER],
        actor=world["people"].admin,
    )


def add_somebody(world):
    add_person(
        site=world["site"],
        email="new@example.org",
        name="Nora New",
        roles=[Role.CLINICIAN],
        actor=world["people"].admin,
    )


def rename_a_person(world):
    world["people"].clinician2.name = "Carla Clinician"
    world["people"].clinician2.save()


def rename_the_site(world):
    world["site"].name = "North Hospital"
    save_site(site=world["site"], actor=world["people"].staff)


def activate_another_release(world):
    activate_release(make_release(active=False))


ACTS = {
    "receive": receive,
    "a failed reading": record_a_failure,
    "claim": lambda world: claims.claim(case=world["case"], reader=world["people"].reviewer),
    "renew": claim_and(claims.renew),
    "release": claim_and(claims.give_back_claim),
    "sign": lambda world: sign(
        case=world["case"], reader=world["people"].reviewer, given=GivenOpinion("none")
    ),
    "withdraw": lambda world: withdraw_case(
        case=world["case"], actor=world["people"].reviewer, reason="Twice"
    ),
    "retry": lambda world: retry_case(case=world["failed"], actor=world["people"].reviewer),
    "waits": save_other_waits,
    "end and restore a membership": end_and_restore,
    "roles": give_roles,
    "a new person": add_somebody,
    "a person's name": rename_a_person,
    "the site's name": rename_the_site,
    "a release": activate_another_release,
    "an image": lambda world: make_image(world["case"], position=2),
    "an image that goes": lambda world: Image.objects.filter(
        pk=make_image(world["case"], position=2).pk
    ).delete(),
    "a prediction": lambda world: make_prediction(
        make_image(world["case"], position=2), world["release"]
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_write_changes_the_stamp(world, act):
    sites = [world["site"].pk]
    before = stamp_of(sites)
    steps = act(world)
    if hasattr(steps, "send"):  # an act of two steps: each counts
        for _ in steps:
            assert stamp_of(sites) != before
            before = stamp_of(sites)
    assert stamp_of(sites) != before


@pytest.mark.parametrize(
    "rows",
    [
        lambda world: Case.objects.filter(pk=world["case"].pk).update(confidence=0.5),
        lambda world: Image.objects.filter(case=world["case"]).update(thumbnail="another.jpg"),
        lambda world: Prediction.objects.update(confidence=0.4),
        lambda world: Membership.objects.filter(site=world["site"]).update(is_active=False),
        lambda world: Site.objects.filter(pk=world["site"].pk).update(is_active=False),
        lambda world: Release.objects.update(name="another"),
    ],
    ids=["case", "image", "prediction", "membership", "site", "release"],
)
def test_a_row_that_no_service_wrote_changes_the_stamp(world, rows):
    before = stamp_of([world["site"].pk])
    rows(world)
    assert stamp_of([world["site"].pk]) != before


def test_what_no_list_shows_changes_nothing(world, client):
    before = stamp_of([world["site"].pk])
    client.force_login(world["people"].reviewer)  # writes last_login
    client.get("/")
    sweep_and_send()
    assert stamp_of([world["site"].pk]) == before


def test_a_write_at_another_site_changes_nothing_here(world, other_site):
    before, there = stamp_of([world["site"].pk]), stamp_of([other_site.pk])
    make_case(other_site, world["people"].stranger)
    assert stamp_of([world["site"].pk]) == before
    assert stamp_of([other_site.pk]) != there


def test_a_claim_that_runs_out_changes_the_stamp_without_a_write(world, monkeypatch):
    claims.claim(case=world["case"], reader=world["people"].reviewer)
    before = stamp_of([world["site"].pk])
    later = timezone.now() + timedelta(minutes=20)
    monkeypatch.setattr("triage.stamps.timezone.now", lambda: later)
    assert stamp_of([world["site"].pk]) != before


def test_pruning_puts_one_change_in_the_place_of_many(site):
    for number in range(CHANGES_PER_SITE + 1):
        site.name = f"Name {number}"
        site.save()
    known = set(Change.objects.values_list("pk", flat=True))
    prune_changes()
    (left,) = Change.objects.filter(site_id=site.pk)
    assert left.pk not in known
    before = stamp_of([site.pk])
    prune_changes()  # an idle list stays as it is
    assert stamp_of([site.pk]) == before


def test_the_sweep_prunes(site):
    for number in range(CHANGES_PER_SITE + 1):
        site.name = f"Name {number}"
        site.save()
    sweep_and_send()
    assert Change.objects.filter(site_id=site.pk).count() == 1


# What the live rows read, and that says nothing about a row: who asks, and the stamp itself.
# What a reader skipped, or recorded for the clinic, changes their own count alone, by an act of their page.
OF_THE_READER = {"django_session", "triage_change", "triage_skip", "triage_interimopinion"}
ONLY_ADDED_TO = {"triage_review"}  # a row of it never changes


def test_a_table_that_a_row_is_made_of_has_the_triggers(world, client):
    client.force_login(world["people"].reviewer)
    claims.claim(case=world["case"], reader=world["people"].clinician2)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("worklist_live")).status_code == 200
    read = set()
    for query in queries:
        read |= set(re.findall(r'(?:FROM|JOIN) "?((?:triage|accounts|django)_\w+)"?', query["sql"]))
    assert {"triage_case", "triage_image", "accounts_user", "accounts_site"} <= read
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname = 'triage_change_update' AND tgenabled = 'O'"
            " OR tgname = 'triage_change_insert' AND tgrelid::regclass::text = ANY(%s)",
            [list(ONLY_ADDED_TO)],
        )
        watched = {row[0] for row in cursor.fetchall()}
    assert read - OF_THE_READER <= watched


def test_a_person_stands_in_the_lists_of_every_site(people):
    people.clinician2.name = "Carla Clinician"
    people.clinician2.save()
    assert Change.objects.filter(site_id=EVERY_SITE).exists()
