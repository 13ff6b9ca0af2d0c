"""Queueing, sweeping and retrying, as the rest of Callus calls them."""

from datetime import timedelta

from django.db import transaction

from accounts.acts import Act
from accounts.models import User
from accounts.services.events import emit
from triage.apart import apart
from triage.inference import queue
from triage.inference.case_update import update_cases
from triage.inference.checks import sweep_checks
from triage.inference.dispatch import (
    send_check_release,
    send_classify_queued,
    send_classify_queued_on_commit,
)
from triage.inference.reassign import reassign
from triage.inference.releases import (
    active_release,
    lock_releases,
    queue_forgotten_images,
    reassign_left_behind,
)
from triage.models import Case, Image, Job
from triage.review.actions import Action, Actions
from triage.stamps import prune_changes
from triage.states import JobState

# How old an image may be that a sweep still queues; the task ``queue_forgotten`` looks at all, once an hour.
# An image is forgotten by the transaction that makes it, and this is far beyond any transaction.
RECENT = timedelta(minutes=15)


def queue_case(case: Case, images: list[Image]) -> None:
    """Queues each image for the active release. Without one the case waits for an activation."""
    release = active_release()
    if release is not None:
        queue.enqueue(images, release, case.priority)
    send_classify_queued_on_commit()


def take_back_lost() -> None:
    """Queues what dead processes of this worker held. For the start of a message, before jobs are claimed."""
    for job_id in queue.lost_jobs():
        with apart(f"Taking back job {job_id}"), transaction.atomic():
            update_cases(queue.take_back_job(job_id))


def sweep_and_send() -> None:
    """Runs every five seconds: takes back expired leases, queues forgotten images, wakes workers.

    A lost worker's pictures wait for the rest of its lease and for the next sweep: 13 seconds at most. So
    each part finds what there is to do by an index, whatever the history. A part in which something fails,
    and a job whose case can't be updated, stop no other.
    """
    try:
        for job_id in queue.expired_jobs():
            with apart(f"Taking back job {job_id}"), transaction.atomic():
                update_cases(queue.sweep_job(job_id))
        with apart("The sweep of checks"):
            if sweep_checks():
                send_check_release()
        with apart("Reassigning jobs"):
            reassign_left_behind()
        with apart("Queueing forgotten images"):
            queue_forgotten_images(younger_than=RECENT)
        with apart("Forgetting changes"):
            prune_changes()
    finally:
        if queue.waiting().exists():
            send_classify_queued()


@transaction.atomic
def retry_case(*, case: Case, actor: User) -> None:
    """Queues the failed images of a failed case for the active release, each alone and with all tries again.

    1. Lock the releases, then the jobs, then their case: the order of all locks, or two acts could wait for
       each other for ever.
    2. Reassign the failed jobs to the active release, and let the case's state follow its jobs.
    3. Tell the workers on commit, not before: they would not find the jobs yet.

    Raises:
        NotPermitted: the person doesn't read this site's cases.
        Conflict: the case's reading didn't fail, or no release is active that could read it.
    """
    if not (actions := Actions(case, actor)).reads:  # before anything is locked or written
        actions.require(Action.RETRY)
    # In the order of all locks: releases, then jobs, then their case.
    active = next((row for row in lock_releases().values() if row.is_active), None)
    failed = Job.objects.filter(image__case=case, state=JobState.FAILED)
    if active is not None:
        reassign(active, failed)
    # Of self, without the key: neither the site's row nor inserts that refer to the case must wait for us.
    cases = Case.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    case = cases.get(pk=case.pk)
    Actions(case, actor).require(Action.RETRY)
    # Not simply "received": the active release may have read the pictures already, and no job is left.
    update_cases([case.pk])
    send_classify_queued_on_commit()
    before = {"state": case.state}
    case.refresh_from_db(fields=["state"])
    after = {"state": case.state}
    emit(Act.CASE_RETRIED, case, actor=actor, site=case.site, before=before, after=after)
