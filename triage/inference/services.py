"""Queueing, sweeping and retrying, as the rest of Callus calls them."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import READS_CASES
from accounts.services.audit import record
from triage.inference import queue
from triage.inference.doorbell import ring, ring_after_commit
from triage.inference.releases import active_release, queue_forgotten_images
from triage.inference.settle import settle_cases
from triage.models import Case, Image, Job
from triage.models.visibility import sites_where
from triage.refusals import Conflict, NotPermitted
from triage.stamps import prune_changes
from triage.states import CASE_MOVES, CaseState, JobState, check_move


def queue_case(case: Case, images: list[Image]) -> None:
    """Queues each image for the active release. Without one the case waits for an activation."""
    release = active_release()
    if release is not None:
        queue.enqueue(images, release, case.priority)
    ring_after_commit()


def sweep_and_ring() -> None:
    """The beat task's work: takes back expired leases, queues forgotten images, rings if there is work."""
    with transaction.atomic():
        _, spent_cases = queue.sweep_expired()
        settle_cases(spent_cases)
    queue_forgotten_images()
    prune_changes()
    if queue.waiting().exists():
        ring()


@transaction.atomic
def retry_case(*, case: Case, actor: User) -> None:
    """Puts the failed jobs of a failed case back in the queue, each alone and with fresh tries."""
    # Jobs before their case, as the worker locks them; only the jobs, not the images joined to them.
    jobs = Job.objects.filter(image__case=case, state=JobState.FAILED).order_by("pk")
    failed = list(jobs.select_for_update(of=("self",), no_key=True))
    cases = Case.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    case = cases.get(pk=case.pk)
    if case.site_id not in sites_where(actor, READS_CASES):
        raise NotPermitted("not_a_member", _("You don't belong to this case's site."))
    if case.state != CaseState.FAILED:
        raise Conflict("not_failed", _("Only a case whose reading failed can be retried."))
    check_move(case.state, CaseState.RECEIVED, CASE_MOVES)
    Job.objects.filter(pk__in=[job.pk for job in failed]).update(
        state=JobState.QUEUED,
        alone=True,
        attempts_left=settings.CALLUS_INFERENCE["max_attempts"],
        error="",
        finished_at=None,
    )
    case.state = CaseState.RECEIVED
    case.save(update_fields=["state"])
    ring_after_commit()
    record("case.retried", case, actor=actor, site=case.site)
