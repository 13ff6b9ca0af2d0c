"""A sweep runs every five seconds: it reads what is new, whatever the history."""

import uuid
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from accounts.identifiers import first_id_of, new_id
from accounts.roles import Role
from tests.factories import make_case, make_member, make_release, make_site
from tests.plans import plans_of
from triage.inference.releases import queue_forgotten_images
from triage.inference.services import RECENT, sweep_and_send
from triage.inference.tasks import queue_forgotten
from triage.models import Image, Job
from triage.states import CaseState, JobState

MANY = 5000


def aged(seconds):
    """An id that was made so long ago."""
    return uuid.UUID(int=first_id_of(timezone.now() - timedelta(seconds=seconds)).int + 1)


def add_images(case, ids):
    plain = {"case": case, "site": case.site, "kind": "png", "byte_size": 1, "bits": 8}
    return Image.objects.bulk_create(
        Image(pk=pk, **plain, width=1, height=1, position=number, sha256=f"{number:064x}")
        for number, pk in enumerate(ids, start=2)
    )


def forget(case):
    Job.objects.filter(image__case=case).delete()


def queued(case):
    return set(Job.objects.filter(image__case=case).values_list("image_id", flat=True))


def test_ids_sort_by_the_moment_that_they_are_made_at():
    before = timezone.now()
    made = new_id()
    assert first_id_of(before) <= made < first_id_of(before + timedelta(seconds=5))


def test_an_image_that_was_forgotten_a_moment_ago_is_queued_by_the_next_sweep(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    recent, old = add_images(case, [aged(0.9 * RECENT.total_seconds()), aged(86400)])
    forget(case)
    sweep_and_send()
    assert queued(case) == {case.first_image.pk, recent.pk}
    queue_forgotten()
    assert old.pk in queued(case)


def test_a_sweep_that_finds_nothing_reads_no_history(committed_db):
    """Committed and analysed, so that the plan is that of a running site: closed cases, and a backlog."""
    release, site = make_release(), make_site()
    sender = make_member(site, Role.CLINICIAN)
    done = {"release": release, "priority": 2, "state": JobState.DONE}
    for state in (CaseState.REVIEWED, CaseState.RECEIVED):
        case = make_case(site, sender, state)
        images = add_images(case, [aged(100 * number) for number in range(MANY, 10, -1)])
        Job.objects.bulk_create(Job(image=image, **done) for image in images)
    Job.objects.filter(image__position=1).update(state=JobState.DONE)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    plans = plans_of(sweep_and_send)
    for table in ("triage_image", "triage_job", "triage_case"):
        assert sum(plan.rows(table) for plan in plans) <= 10, table
    assert sum(plan.rows("triage_image") for plan in plans_of(queue_forgotten_images)) > MANY / 2
