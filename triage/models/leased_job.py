"""What every job is: a row that a worker leases, and that is never lost and never done twice."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.states import JobState

# Tries of a job before it fails. Two could meet the same short trouble; what fails three
# times is the picture's own fault.
ATTEMPTS = 3


class LeasedJob(models.Model):
    """Queued, running under a lease, then done or failed. ``triage.queue`` moves it.

    ``attempt`` fences results: a worker that lost its lease finds another number and changes nothing.
    ``alone``: the job's batch was lost, so the job is retried by itself. A picture that kills its worker
    then spends its own attempts only. ``interruptions``: how often the job was put back for a fault that
    isn't its picture's (time, memory, storage). Such a fault spends no attempt, but it is not repeated for
    ever. Nobody takes the job before ``not_before``. ``holder`` is the process that claimed it last.
    ``error`` is a code; ``error_detail`` is for operators.

    Put ``LEASED_JOB_CONSTRAINTS`` and ``LEASED_JOB_INDEXES`` into the model's ``Meta``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=JobState.choices, default=JobState.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    attempts_left = models.PositiveSmallIntegerField(default=ATTEMPTS)
    alone = models.BooleanField(default=False)
    interruptions = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    # In the database too: a version of before may still be queueing jobs.
    holder = models.CharField(max_length=200, blank=True, default="", db_default="")
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        abstract = True


# Django writes each model's own name for ``%(class)s``: ``job_lease_means_running``.
LEASED_JOB_CONSTRAINTS = [
    # The sweep looks for leases: a running job without one would never be taken back.
    models.CheckConstraint(
        condition=Q(state=JobState.RUNNING, leased_until__isnull=False)
        | ~Q(state=JobState.RUNNING) & Q(leased_until=None),
        name="%(class)s_lease_means_running",
    ),
    models.CheckConstraint(
        condition=~Q(state=JobState.FAILED) | ~Q(error=""), name="%(class)s_failed_says_why"
    ),
]
LEASED_JOB_INDEXES = [
    # What the sweep takes back.
    models.Index(
        fields=["leased_until"], condition=Q(state=JobState.RUNNING), name="%(class)s_leases"
    ),
]
